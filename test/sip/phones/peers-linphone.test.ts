// linphonec, a phone of another family: what it offers, and how it holds, is not how baresip does.

import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { dial, hangUp, registeredPhone, type TestPhone, tones } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import {
  expectSilence,
  expectToHear,
  firstOf,
  type Heard,
  heardBy,
  lastOf,
  listenAt,
  untilHeard,
} from '../../support/phones/recordings.ts';
import { requireOrSkip } from '../../support/require.ts';
import { type Linphone, type LinphoneOptions, startLinphone } from '../../support/sip-linphone.ts';
import { readWav } from '../../support/tones.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip') && requireOrSkip('linphone');
const flowing = /Media streams established/;

describe.skipIf(!here)('linphonec', { timeout: 90_000 }, () => {
  let server: PhoneServer;
  let ben: TestPhone;

  beforeEach(async () => {
    server = await startPhoneServer(planOfThree);
    ben = await registeredPhone(server, { user: 'ben' });
  });

  /** As ann, who is registered. */
  const open = async (codec: LinphoneOptions['codec']): Promise<Linphone> => {
    const ann = await startLinphone({ toneHz: tones.ann, codec });
    onTestFinished(() => ann[Symbol.asyncDispose]());
    await ann.register('ann', server.port);
    return ann;
  };
  const heardByAnn = async (ann: Linphone): Promise<Heard> => {
    const { sampleRate, channels } = await readWav(ann.recording);
    return { sampleRate, pcm: channels[0] ?? new Int16Array() };
  };
  const records = () => server.lines.filter(({ message }) => message === 'phone call ended');

  test.each(['PCMU', 'opus'] as const)('meets baresip in a room by %s: they hear each other', async (codec) => {
    const ann = await open(codec);
    await dial(ben, '800');
    ann.type(`call sip:800@127.0.0.1:${server.port}`);
    await ann.said(flowing);
    await delay(6_000);
    ann.type('terminate');
    await ann.said(/Call 1 with .* ended/);
    await eventually(() => records().length === 1, 'the record');
    expect(records()[0]?.fields).toMatchObject({ room: 'lobby', codec, why: 'it hung up' });
    await hangUp(ben);
    const [atBen] = await heardBy(ben);
    expectToHear(lastOf(await heardByAnn(ann), 1_500), 'ben');
    expectToHear(atBen && firstOf(lastOf(atBen, 2_500), 1_000), 'ann');
  });

  test('holds and goes on', async () => {
    const ann = await open('PCMA');
    await dial(ben, '800');
    ann.type(`call sip:800@127.0.0.1:${server.port}`);
    await ann.said(flowing);
    await delay(4_000);
    ann.type('pause');
    await ann.said(/is now paused/);
    await delay(2_500);
    await hangUp(ben);
    const [onHold] = await heardBy(ben);
    expectSilence(onHold && lastOf(onHold, 1_000));

    await dial(ben, '800', 2);
    ann.type('resume');
    await ann.said(flowing, 2);
    await delay(4_000);
    await hangUp(ben, 2);
    const [, again] = await heardBy(ben);
    expectToHear(again && lastOf(again, 1_500), 'ann');
    ann.type('terminate');
    await ann.said(/Call 1 with .* ended/);
  });

  test('is called, answers, and is hung up', async () => {
    const ann = await open('G722');
    await ben.command('dial', `sip:100@127.0.0.1:${ben.to}`);
    await ann.said(/Receiving new incoming call/);
    ann.type('answer');
    await ben.heard('CALL_ESTABLISHED');
    await delay(3_500);
    await hangUp(ben);
    await ann.said(/Call 1 with .* ended/);
    const [atBen] = await heardBy(ben);
    expectToHear(atBen && lastOf(atBen, 1_500), 'ann');
    expectToHear(lastOf(await heardByAnn(ann), 1_500), 'ben');
  });

  test('brings the two that it speaks with together, and is out', async () => {
    const cy = await registeredPhone(server, { user: 'cy', answers: true, codecs: ['PCMA/8000/1'] });
    const ann = await open('PCMU');
    ann.type(`call sip:101@127.0.0.1:${server.port}`);
    await ben.heard('CALL_INCOMING');
    await ben.command('accept');
    await ann.said(flowing);
    ann.type('pause');
    await ann.said(/is now paused/);
    ann.type(`call sip:102@127.0.0.1:${server.port}`);
    await cy.heard('CALL_ESTABLISHED');
    await ann.said(flowing, 2);
    ann.type('transfer 1 --to-call 2');
    await eventually(() => records().length >= 2, 'that it is out of both');
    await Promise.all([untilHeard(() => listenAt(ben), 'cy'), untilHeard(() => listenAt(cy), 'ben')]);
    expect([ben, cy].flatMap(({ events }) => events).filter(({ type }) => type === 'CALL_CLOSED')).toEqual([]);
    await hangUp(ben);
    await cy.heard('CALL_CLOSED');
  });
});
