import { describe, expect, test } from 'vitest';
import { endOf, enter, lastOf, legOf, mayCall, settle, signIn, startCall, stepsOf } from '../testing/call-people.ts';
import { startSignaling } from '../testing/start-signaling.ts';

const number = '+4930123';

/** Ada waits in the room of a call for a number, which sends sound before it is answered. */
async function open() {
  const t = startSignaling();
  const ada = await t.connect({ identity: 'ada', can: [...mayCall, 'moderate'] });
  const call = await startCall(t, ada, { number });
  await enter(t, ada, call);
  t.telephony.last.rings();
  const early = await t.telephony.last.sounds(t.signaling.phoneDesk, { number, trunk: 'city' });
  await settle(t);
  return { t, ada, call, early: early ?? expect.fail('it is not heard') };
}

describe('a number that is heard before it is answered', () => {
  test('is a peer that rings, and its leg is not answered', async () => {
    const { t, ada, call, early } = await open();
    expect(ada.link.of('peersJoined').at(-1)?.peers[0]).toMatchObject({
      peerId: early.peerId,
      kind: 'phone',
      phone: { number, trunk: 'city', ringing: true, callId: call.callId },
    });
    early.setState({ codec: 'PCMA' });
    early.report({ mos: 4, loss: 0, jitterMs: 1, rttMs: 1 });
    await settle(t);
    const leg = legOf(lastOf(ada), `tel:${number}`);
    expect(leg).toMatchObject({ state: 'ringing', peerId: '', codec: '' });
    expect(leg.answeredAtMs).toBeUndefined();
    expect(await stepsOf(t, call)).toEqual(['started']);
  });

  test('is the same peer when it is answered, and the record says when that was', async () => {
    const { t, ada, call, early } = await open();
    early.setState({ codec: 'PCMA' });
    t.clock.advance(5_000);
    await t.telephony.last.answers(t.signaling.phoneDesk, { number, trunk: 'city' }, early);
    await settle(t);
    const leg = legOf(lastOf(ada), `tel:${number}`);
    expect(leg).toMatchObject({ state: 'accepted', peerId: early.peerId, codec: 'PCMA' });
    expect(leg.answeredAtMs).toBe(call.startedAtMs + 5_000);
    expect(ada.link.of('peerChanged').at(-1)?.peer.phone?.ringing).toBe(false);
    expect(await stepsOf(t, call)).toEqual(['started', 'answered']);
    early.leave('left');
    await settle(t);
    expect(endOf(ada)).toBe('hung-up');
  });

  test('leaves as it fails, which the call is told by whoever rings it', async () => {
    const { t, ada, early } = await open();
    early.leave('left');
    await settle(t);
    expect(lastOf(ada).state).toBe('ringing');
    t.telephony.last.fails('busy');
    await settle(t);
    expect(endOf(ada)).toBe('busy');
    await expect(early.answer()).resolves.toBeUndefined();
  });

  test('is rung no more when a moderator removes it', async () => {
    const { t, ada, call, early } = await open();
    await ada.call('moderation.removePeer', { room: call.room, peerId: early.peerId });
    await settle(t);
    expect([endOf(ada), t.telephony.last.canceled]).toEqual(['removed', 'canceled']);
  });

  test('is out where its call is over by the time that it answers', async () => {
    const { ada, call, early } = await open();
    await ada.call('call.end', { callId: call.callId, forAll: true });
    await expect(early.answer()).rejects.toMatchObject({ reason: 'CALL_OVER' });
    expect(early.left).toBe(true);
  });
});

describe('stays outside until it is answered', () => {
  test('a second number of the same call', async () => {
    const { t, ada, call } = await open();
    await ada.call('call.add', { callId: call.callId, to: [{ number: '+4940456' }] });
    await settle(t);
    expect(await t.telephony.last.sounds(t.signaling.phoneDesk)).toBeUndefined();
  });

  test('a user’s phone, for browsers of the same user may ring as well', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    t.telephony.withPhones.add('bob');
    await enter(t, ada, await startCall(t, ada, { user: 'bob' }));
    expect(await t.telephony.last.sounds(t.signaling.phoneDesk)).toBeUndefined();
  });

  test('a number that is rung into a meeting', async () => {
    const t = startSignaling();
    const [ada] = [await t.join({ identity: 'ada', can: mayCall }), await t.join({ identity: 'bob' })];
    await ada.call('call.start', { to: [{ number }], room: 'standup' });
    await settle(t);
    expect(await t.telephony.last.sounds(t.signaling.phoneDesk)).toBeUndefined();
  });

  test('a number that a phone calls, which hears it by itself', async () => {
    const t = startSignaling();
    const caller = { identity: 'tel:1', name: '', number: '1', trunk: 'city' };
    const told = { ringing: () => {}, accepted: () => {}, failed: () => {} };
    t.signaling.phoneCalls.startFromPhone({ caller, to: { number } }, told);
    await settle(t);
    expect(await t.telephony.last.sounds(t.signaling.phoneDesk)).toBeUndefined();
  });

  test('a number whose caller is rung first', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    await ada.call('call.start', { to: [{ number }], firstRing: { number: '+49301' } });
    await settle(t);
    expect(await t.telephony.last.sounds(t.signaling.phoneDesk)).toBeUndefined();
  });
});
