// What people at browsers do with phones: call them, hold them, hang them up.

import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CallInfo } from '../../../proto/gen/types.ts';
import { eventually } from '../../support/eventually.ts';
import { type Person, signIn } from '../../support/phones/person.ts';
import { hangUp, registeredPhone, tones } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import { fairMos, hearEachOther, listenAt, untilHeard, untilSilent } from '../../support/phones/recordings.ts';
import { startScriptedPhone } from '../../support/phones/scripted-phone.ts';
import { requireOrSkip } from '../../support/require.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip');

describe.skipIf(!here)('somebody signed in', { timeout: 60_000 }, () => {
  let server: PhoneServer;
  let mia: Person;

  beforeEach(async () => {
    server = await startPhoneServer(planOfThree);
    mia = await signIn(server, 'mia');
  });

  const legOf = ({ legs }: CallInfo, identity: string) => legs.find((leg) => leg.identity === identity);

  test('calls two phones, holds one, goes on and hangs up; the record says how they were heard', async () => {
    const holds: boolean[] = [];
    // One that says its tone whatever is asked of it.
    const ann = await startScriptedPhone(tones.ann, (call, rtp) => {
      rtp.connect(call.sdp);
      void call.accept({ sdp: rtp.describe() }).then(({ events }) => events.on('held', (held) => holds.push(held)));
    });
    await ann.register('ann', server.port);
    const ben = await registeredPhone(server, { user: 'ben', answers: true, codecs: ['G722/16000/1'] });
    const call = await mia.call<CallInfo>('call.start', { to: [{ user: 'ann' }, { user: 'ben' }] });
    await mia.call('room.join', { room: call.room });
    const areUp = (one: CallInfo) => ['ann', 'ben'].every((name) => legOf(one, name)?.state === 'accepted');
    const up = await mia.callThat(areUp, 'both answers');
    expect([legOf(up, 'ann')?.via, legOf(up, 'ben')?.via]).toEqual(['phone', 'phone']);
    const atAnn = () => ann.listen(1_000);
    const atBen = () => listenAt(ben);
    await Promise.all([untilHeard(atAnn, 'ben'), untilHeard(atBen, 'ann')]);

    const legId = legOf(up, 'ann')?.legId;
    await mia.call('call.hold', { callId: call.callId, legId, hold: true });
    await mia.callThat((one) => legOf(one, 'ann')?.held === true, 'the hold');
    await eventually(() => holds.length === 1, 'that the phone sees it');
    await Promise.all([untilSilent(atAnn), untilSilent(atBen)]);
    await mia.call('call.hold', { callId: call.callId, legId, hold: false });
    await eventually(() => holds.length === 2, 'that the phone sees its end');
    expect(holds).toEqual([true, false]);
    await Promise.all([untilHeard(atAnn, 'ben'), untilHeard(atBen, 'ann')]);

    await mia.call('call.end', { callId: call.callId, forAll: true });
    await ben.heard('CALL_CLOSED');
    const { calls } = await mia.call<{ calls: CallInfo[] }>('call.list');
    expect(calls[0]).toMatchObject({ callId: call.callId, endReason: 'hung-up' });
    for (const [identity, codec] of [
      ['ann', 'PCMU'],
      ['ben', 'G722'],
    ] as const) {
      const leg = calls[0] && legOf(calls[0], identity);
      expect(leg).toMatchObject({ via: 'phone', endReason: 'hung-up', codec });
      expect(leg?.quality?.mos, `how ${identity} was heard`).toBeGreaterThan(fairMos);
    }
  });

  test('is rung first where it asks for that, and the other one when it has answered', async () => {
    const ann = await registeredPhone(server, { user: 'ann' });
    const ben = await registeredPhone(server, { user: 'ben', codecs: ['PCMA/8000/1'] });
    const annsApp = await signIn(server, 'ann');
    await annsApp.call<CallInfo>('call.start', { to: [{ user: 'ben' }], firstRing: {} });
    await ann.heard('CALL_INCOMING');
    // Long enough for another one to ring.
    await delay(1_000);
    expect(ben.events.map(({ type }) => type)).not.toContain('CALL_INCOMING');
    await ann.command('accept');
    await ben.heard('CALL_INCOMING');
    await ben.command('accept');
    await hearEachOther(ann, ben);
    const up = await annsApp.callThat(({ legs }) => legs.every(({ state }) => state === 'accepted'), 'both answers');
    expect(['ann', 'ben'].map((name) => legOf(up, name)?.via)).toEqual(['phone', 'phone']);
    await hangUp(ben);
    await ann.heard('CALL_CLOSED');
  });

  test.each([
    ['busy', 486],
    ['declined', 603],
    ['unreachable', 404],
  ])('is told that a phone is %s', async (reason, status) => {
    const phone = await startScriptedPhone(tones.ann, (call) => void call.reject(status));
    await phone.register('ann', server.port);
    await mia.call<CallInfo>('call.start', { to: [{ user: 'ann' }] });
    const ended = await mia.callThat((one) => one.state === 'ended', 'the end');
    expect(legOf(ended, 'ann')?.endReason).toBe(reason);
  });

  test('is told that nobody answers, and the phone rings no more', async () => {
    const phone = await startScriptedPhone(tones.ann, (call) => void call.ring());
    await phone.register('ann', server.port);
    await mia.call<CallInfo>('call.start', { to: [{ user: 'ann' }], ringMs: 2_000 });
    const ended = await mia.callThat((one) => one.state === 'ended', 'the end');
    expect(legOf(ended, 'ann')?.endReason).toBe('no-answer');
    await eventually(() => phone.incoming[0]?.canceled, 'that it stops');
  });
});
