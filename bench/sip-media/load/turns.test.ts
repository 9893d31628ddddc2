import { expect, test } from 'vitest';
import { createEncoder } from '../../../media/mixer/codecs/create-codec.ts';
import { TurnTaking } from './turns.ts';
import { createToneVoice } from './voices.ts';

const quiet = Buffer.alloc(160, 0xff);

test('a delay goes from the packet of a tone to where the tone begins in another packet', () => {
  const room = new TurnTaking();
  const [phone, browser] = [
    { kind: 'phone', voice: createToneVoice('PCMU') } as const,
    { kind: 'browser', voice: createToneVoice('opus') } as const,
  ];
  room.add(phone);
  room.add(browser);
  room.start(1_000);
  room.pass(1_000);
  const frame = phone.voice.next();
  expect(frame.isOnset).toBe(true);
  room.said(phone, 1_003);
  room.heard(browser, quiet, 1_010);
  // Behind 10 ms of noise.
  const tone = createEncoder('PCMU', { sampleRate: 8_000 }).encode(new Int16Array(80).fill(9_000));
  room.heard(browser, Buffer.concat([quiet.subarray(80), tone]), 1_033);
  room.heard(phone, Buffer.from(tone), 1_040);
  // The browser's turn comes, and nobody hears it.
  room.pass(1_640);
  room.said(browser, 1_641);
  room.pass(2_280);
  expect(room.stop()).toEqual({ delaysMs: { 'phone → browser': [40] }, missed: 1 });
});
