// What people at browsers do with phones: call them, hold, transfer, press keys, moderate.

import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CallInfo } from '../../../proto/gen/types.ts';
import { eventually } from '../../support/eventually.ts';
import { type Person, signIn } from '../../support/phones/person.ts';
import { dial, hangUp, registeredPhone, tones } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import { expectSilence, expectToHear, heardBy, lastOf } from '../../support/phones/recordings.ts';
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

  test('calls a user at a phone, holds, goes on and hangs up; the record says how it was heard', async () => {
    const ann = await registeredPhone(server, { user: 'ann', answers: true });
    const call = await mia.call<CallInfo>('call.start', { to: [{ user: 'ann' }] });
    await mia.call('room.join', { room: call.room });
    const up = await mia.callThat((one) => legOf(one, 'ann')?.state === 'accepted', 'the answer');
    expect(legOf(up, 'ann')).toMatchObject({ via: 'phone' });
    const legId = legOf(up, 'ann')?.legId;
    await mia.call('call.hold', { callId: call.callId, legId, hold: true });
    await mia.callThat((one) => legOf(one, 'ann')?.held === true, 'the hold');
    await eventually(() => ann.log.includes('sendonly') || ann.events.length > 0, 'that the phone sees it');
    await mia.call('call.hold', { callId: call.callId, legId, hold: false });
    await mia.callThat((one) => legOf(one, 'ann')?.held === false && one.legs.length > 1, 'the end of the hold');
    await delay(1_000);
    await mia.call('call.end', { callId: call.callId, forAll: true });
    await ann.heard('CALL_CLOSED');
    const { calls } = await mia.call<{ calls: CallInfo[] }>('call.list');
    expect(calls[0]).toMatchObject({ callId: call.callId, endReason: 'hung-up' });
    const [leg] = (calls[0]?.legs ?? []).filter(({ identity }) => identity === 'ann');
    expect(leg).toMatchObject({ via: 'phone', endReason: 'hung-up', codec: 'PCMU' });
    expect(leg?.quality?.mos).toBeGreaterThan(1);
  });

  test.each([
    ['busy', 486],
    ['declined', 603],
    ['unreachable', 404],
  ])('is told that a phone is %s', async (reason, status) => {
    const phone = await startScriptedPhone(tones.ann, (call) => void call.reject(status));
    await register(phone.port, phone.sip);
    await mia.call<CallInfo>('call.start', { to: [{ user: 'ann' }] });
    const ended = await mia.callThat((one) => one.state === 'ended', 'the end');
    expect(legOf(ended, 'ann')?.endReason).toBe(reason);
  });

  test('is told that nobody answers, and the phone rings no more', async () => {
    const phone = await startScriptedPhone(tones.ann, (call) => void call.ring());
    await register(phone.port, phone.sip);
    await mia.call<CallInfo>('call.start', { to: [{ user: 'ann' }], ringMs: 2_000 });
    const ended = await mia.callThat((one) => one.state === 'ended', 'the end');
    expect(legOf(ended, 'ann')?.endReason).toBe('no-answer');
    await eventually(() => phone.incoming[0]?.canceled, 'that it stops');
  });

  test('brings two phones together, who hear each other', async () => {
    const ann = await registeredPhone(server, { user: 'ann', answers: true });
    const ben = await registeredPhone(server, { user: 'ben', answers: true, codecs: ['G722/16000/1'] });
    const call = await mia.call<CallInfo>('call.start', { to: [{ user: 'ann' }, { user: 'ben' }] });
    await Promise.all([ann.heard('CALL_ESTABLISHED'), ben.heard('CALL_ESTABLISHED')]);
    await delay(3_000);
    await mia.call('call.end', { callId: call.callId, forAll: true });
    await Promise.all([ann.heard('CALL_CLOSED'), ben.heard('CALL_CLOSED')]);
    const [[atAnn], [atBen]] = await Promise.all([heardBy(ann), heardBy(ben)]);
    expectToHear(atAnn && lastOf(atAnn, 1_500), 'ben');
    expectToHear(atBen && lastOf(atBen, 1_500), 'ann');
  });

  test('sees the keys that a phone presses in a room, and that it raises its hand', async () => {
    await mia.call('room.join', { room: 'lobby' });
    const ann = await registeredPhone(server, { user: 'ann' });
    await dial(ann, '800');
    await delay(1_000);
    for (const key of '12#') {
      await ann.command('sndcode', key);
      await delay(300);
    }
    await eventually(() => mia.told('phoneDigit').length === 3, 'the keys');
    expect(mia.told<{ digit: string }>('phoneDigit').map(({ digit }) => digit)).toEqual(['1', '2', '#']);
    for (const key of '*5') {
      await ann.command('sndcode', key);
      await delay(300);
    }
    await eventually(() => mia.told('handRaised').length > 0, 'the hand');
    await hangUp(ann);
  });

  test('mutes a phone in a room, and removes it', async () => {
    await mia.call('room.join', { room: 'lobby' });
    const ann = await registeredPhone(server, { user: 'ann' });
    const ben = await registeredPhone(server, { user: 'ben' });
    await dial(ann, '800');
    await dial(ben, '800');
    await delay(3_500);
    const added = mia.told<{ peerId: string; producer: { producerId: string } }>('producerAdded');
    const joined = mia.told<{ peers: { peerId: string; identity: string }[] }>('peersJoined');
    const annsId = joined.flatMap(({ peers }) => peers).find(({ identity }) => identity === 'ann')?.peerId;
    const producerId = added.find(({ peerId }) => peerId === annsId)?.producer.producerId;
    await mia.call('moderation.muteProducer', { room: 'lobby', producerId, muted: true });
    await delay(2_500);
    await mia.call('moderation.removePeer', { room: 'lobby', peerId: annsId });
    await ann.heard('CALL_CLOSED');
    await hangUp(ben);
    const [atBen] = await heardBy(ben);
    expectSilence(atBen && lastOf(atBen, 1_000));
  });

  const register = async (port: number, sip: Awaited<ReturnType<typeof startScriptedPhone>>['sip']) => {
    await sip.register({
      registrar: `sip:127.0.0.1:${server.port}`,
      address: `sip:ann@127.0.0.1:${server.port}`,
      contact: `sip:ann@127.0.0.1:${port}`,
      credentials: { user: 'ann', password: 'secret' },
    });
  };
});
