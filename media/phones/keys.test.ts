import { expect, test } from 'vitest';
import { createPeerId } from '../../core/ids.ts';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { startMedia } from '../../test/support/start-media.ts';
import { ToneDetector } from '../mixer/rtp/tone-detector.ts';
import { createRtpPhone } from './testing/rtp-phone.ts';
import { call, hears, recordLeg, sharesOf, startPhones } from './testing/start-phones.ts';

const withoutEvents = (sdp: string) =>
  sdp.replace(/(m=audio .*) 101\r\n/, '$1\r\n').replace(/a=(rtpmap|fmtp):101.*\r\n/g, '');

test('keys that are sent one by one to a phone without events are heard one after the other', async () => {
  await using started = await startPhones();
  await using phone = await createRtpPhone();
  const leg = await call(started.phones, phone);
  phone.connect(await leg.answer(withoutEvents(phone.describe())));
  phone.heard();
  await Promise.all([...'18#*'].map((digit) => leg.sendDigits(digit, { durationMs: 100 })));
  await eventually(async () => (await leg.stats()).sent.packets > 10, 'that the last is on its way');
  const heard: string[] = [];
  const detector = new ToneDetector({ sampleRate: 8000 });
  await eventually(() => {
    heard.push(...detector.push(phone.heard()).map(({ digit }) => digit));
    return heard.length >= 4;
  }, 'the keys');
  expect(heard.join('')).toBe('18#*');
});

test('more keys wait for nobody than can be pressed in time', async () => {
  await using started = await startPhones();
  await using phone = await createRtpPhone();
  const leg = await call(started.phones, phone);
  phone.connect(await leg.answer(withoutEvents(phone.describe())));
  const pressed = leg.sendDigits('1'.repeat(128));
  await expect(leg.sendDigits('1'.repeat(128))).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  leg.close();
  await pressed;
});

test.skipIf(!requireOrSkip('mediasoup')).each([
  ['passed on as they came', false],
  ['mixed', true],
])('of two phones alone, whose packets are %s, neither events nor the tone beside them pass', async (_how, gate) => {
  await using running = await startMedia();
  await using started = await startPhones();
  await using gateway = await createRtpPhone();
  await using phone = await createRtpPhone();
  const room = running.media.openRoom('standup');
  const leg = await call(started.phones, gateway, { noiseGate: gate });
  const other = await call(started.phones, phone);
  const told = recordLeg(leg);
  await leg.enter(room, createPeerId(), 'ann');
  await other.enter(room, createPeerId(), 'bob');
  gateway.say(697);
  phone.say(1000);
  await hears(() => phone.heard(), 697, 'it is heard');
  await eventually(async () => (await leg.stats()).passedThrough === !gate, 'how they pass');
  const down = setInterval(() => gateway.press(1, { loseEnd: true }), 60);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const [share = 0] = await sharesOf(() => phone.heard(), [697]);
  clearInterval(down);
  expect(share).toBe(Number.NEGATIVE_INFINITY);
  expect(new Set(phone.rtp.map(({ payloadType }) => payloadType))).toEqual(new Set([0]));
  await hears(() => phone.heard(), 697, 'it is heard again');
  expect(new Set(told.map(({ digit }) => digit).filter((digit) => digit !== undefined))).toEqual(new Set(['1']));
});
