import { describe, expect, test } from 'vitest';
import {
  endOf,
  enter,
  lastOf,
  legOf,
  mayCall,
  settle,
  signIn,
  signInNowhere,
  startCall,
} from '../testing/call-people.ts';
import { memberGrants } from '../testing/memory-verifier.ts';
import { startSignaling } from '../testing/start-signaling.ts';

describe('a call to a user', () => {
  test('rings all its browsers, and both are in the call’s room when one answers', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    const [desk, laptop] = [await signInNowhere(t, 'bob'), await signInNowhere(t, 'bob')];
    const call = await startCall(t, ada, { user: 'bob' });
    expect(call).toMatchObject({
      state: 'ringing',
      room: `call-${call.callId}`,
      legs: [
        { identity: 'ada', name: 'ADA' },
        { identity: 'bob', name: 'bob' },
      ],
    });
    for (const { link } of [desk, laptop]) {
      expect(link.of('callIncoming')).toMatchObject([
        { call: { callId: call.callId }, legId: legOf(call, 'bob').legId },
      ]);
    }
    expect(legOf(lastOf(ada), 'bob')).toMatchObject({ state: 'ringing' });
    await enter(t, ada, call);
    await laptop.call('call.accept', { callId: call.callId });
    await enter(t, laptop, call);
    expect(endOf(desk)).toBe('answered-elsewhere');
    expect(endOf(laptop)).toBeUndefined();
    const now = lastOf(ada);
    expect(now).toMatchObject({ state: 'accepted' });
    expect(now.legs.map(({ state, via, peerId }) => [state, via, peerId !== ''])).toEqual([
      ['accepted', 'client', true],
      ['accepted', 'client', true],
    ]);
    expect(lastOf(laptop)).toEqual(now);
  });

  test('is let into that room alone, and by nobody who was not called', async () => {
    const t = startSignaling();
    const [ada, bob, eve] = [await signIn(t, 'ada'), await signInNowhere(t, 'bob'), await signInNowhere(t, 'eve')];
    const call = await startCall(t, ada, { user: 'bob' });
    expect((await eve.refusal('room.join', { room: call.room })).reason).toBe('GRANT_MISSING');
    expect((await bob.refusal('room.join', { room: 'standup' })).reason).toBe('GRANT_MISSING');
    await enter(t, bob, call);
    for (const [method, more] of Object.entries({
      'call.accept': {},
      'call.decline': {},
      'call.end': {},
      'call.add': { to: [{ user: 'cy' }] },
      'call.transfer': { to: { user: 'cy' } },
      'call.hold': { hold: true },
      'call.sendDigits': { digits: '1' },
      'call.mute': { legId: 'l_1', muted: true },
    })) {
      const refusal = await eve.refusal(method, { callId: call.callId, ...more });
      expect([method, refusal.reason]).toEqual([method, 'CALL_NOT_FOUND']);
    }
  });

  test('tells declined, busy, no answer and unreachable apart', async () => {
    const t = startSignaling({ calls: { ringMs: 20_000 } });
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    for (const [answer, expected] of [
      ['', 'declined'],
      ['busy', 'busy'],
    ] as const) {
      const { callId } = await startCall(t, ada, { user: 'bob' });
      await bob.call('call.decline', { callId, reason: answer });
      expect([endOf(ada), endOf(bob)]).toEqual([expected, expected]);
    }
    await startCall(t, ada, { user: 'bob' });
    t.clock.advance(20_000);
    expect([endOf(ada), endOf(bob)]).toEqual(['no-answer', 'no-answer']);
    await startCall(t, ada, { user: 'nobody' });
    expect(endOf(ada)).toBe('unreachable');
    expect(t.signaling.stats().calls).toBe(0);
  });

  test('that nobody may make is refused', async () => {
    const t = startSignaling();
    const ada = await t.connect({ identity: 'ada', can: memberGrants });
    expect((await ada.refusal('call.start', { to: [{ user: 'bob' }] })).details).toEqual({ grant: 'call' });
    const bea = await t.connect({ identity: 'bea', can: [...memberGrants, 'call'] });
    expect((await bea.refusal('call.start', { to: [{ number: '+4930123' }] })).details).toEqual({
      grant: 'call:number',
    });
    const cy = await t.connect({ identity: 'cy', room: 'standup', can: mayCall });
    expect((await cy.refusal('call.start', { to: [{ user: 'bob' }] })).details).toEqual({ grant: 'call' });
    const twice = await ada.refusal('call.start', { to: [{ user: 'bob' }, { user: 'bob' }] });
    expect(twice.reason).toBe('BAD_REQUEST');
    for (const target of [{}, { user: 'bob', number: '1' }, { user: 'bea' }]) {
      const by = 'user' in target && target.user === 'bea' ? bea : ada;
      expect((await by.refusal('call.start', { to: [target] })).reason).toBe('BAD_REQUEST');
    }
    t.telephony.canDial = false;
    const dora = await signIn(t, 'dora');
    expect((await dora.refusal('call.start', { to: [{ number: '1' }] })).reason).toBe('CALL_REFUSED');
    expect(t.telephony.calls).toEqual([]);
  });

  test('rings its phones and browsers at once: a phone that is busy leaves the browsers ringing', async () => {
    const t = startSignaling();
    t.telephony.withPhones.add('bob');
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const { callId } = await startCall(t, ada, { user: 'bob' });
    expect(t.telephony.last).toMatchObject({ target: { user: 'bob' }, request: { callId, onBehalfOf: 'ada' } });
    expect(t.telephony.last.request.from).toEqual({ identity: 'ada', name: 'ADA', number: '' });
    t.telephony.last.fails('busy');
    await settle(t);
    expect(endOf(ada)).toBeUndefined();
    await bob.call('call.accept', { callId });
    await settle(t);
    expect(lastOf(ada).state).toBe('accepted');
  });

  test('without a browser ends as its phones say', async () => {
    const t = startSignaling();
    t.telephony.withPhones.add('bob');
    const ada = await signIn(t, 'ada');
    for (const reason of ['busy', 'declined', 'no-answer', 'unreachable', 'forbidden'] as const) {
      await startCall(t, ada, { user: 'bob' });
      t.telephony.last.fails(reason);
      await settle(t);
      expect(endOf(ada)).toBe(reason);
    }
  });

  test('that is answered by a phone rings no browser any more, and the other way round', async () => {
    const t = startSignaling();
    t.telephony.withPhones.add('bob');
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const call = await startCall(t, ada, { user: 'bob' });
    await enter(t, ada, call);
    const phone = await t.telephony.last.answers(t.signaling.phoneDesk, { number: '17', name: 'Bob’s desk' });
    await settle(t);
    expect(endOf(bob)).toBe('answered-elsewhere');
    expect(legOf(lastOf(ada), 'bob')).toMatchObject({ via: 'phone', peerId: phone?.peerId });
    expect(ada.link.of('peersJoined').at(-1)?.peers).toMatchObject([
      { kind: 'phone', identity: 'bob', phone: { number: '17', callId: call.callId } },
    ]);
    phone?.leave('left');
    await settle(t);
    expect(endOf(ada)).toBe('hung-up');
    const again = await startCall(t, ada, { user: 'bob' });
    await bob.call('call.accept', { callId: again.callId });
    expect(t.telephony.last.canceled).toBe('answered-elsewhere');
    expect(await t.telephony.last.answers(t.signaling.phoneDesk)).toBeUndefined();
  });
});

describe('at the same moment', () => {
  test('two browsers accept: one has the call, the other hears so', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    const [desk, laptop] = [await signIn(t, 'bob'), await signIn(t, 'bob')];
    const { callId } = await startCall(t, ada, { user: 'bob' });
    const [first, second] = await Promise.allSettled([
      desk.call('call.accept', { callId }),
      laptop.call('call.accept', { callId }),
    ]);
    expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
    expect((await laptop.refusal('call.accept', { callId })).reason).toBe('CALL_TAKEN');
    // Asked again, as after an answer that was lost.
    expect(await desk.call('call.accept', { callId })).toMatchObject({ state: 'accepted' });
  });

  test('the caller hangs up and the other answers: whatever is first, both hear of the end', async () => {
    const t = startSignaling();
    t.telephony.withPhones.add('bob');
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const { callId } = await startCall(t, ada, { user: 'bob' });
    await ada.call('call.end', { callId });
    expect((await bob.refusal('call.accept', { callId })).reason).toBe('CALL_OVER');
    expect([endOf(ada), endOf(bob), t.telephony.last.canceled]).toEqual(['canceled', 'canceled', 'canceled']);
    expect(await t.telephony.last.answers(t.signaling.phoneDesk)).toBeUndefined();

    const other = await startCall(t, ada, { user: 'bob' });
    await bob.call('call.accept', { callId: other.callId });
    await ada.call('call.end', { callId: other.callId });
    expect([endOf(ada), endOf(bob)]).toEqual(['hung-up', 'hung-up']);
  });

  test('a phone is picked up and its call ends before it is in the room', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    const { callId } = await startCall(t, ada, { number: '+4930123' });
    const joining = t.telephony.last.answers(t.signaling.phoneDesk);
    const refused = expect(joining).rejects.toMatchObject({ reason: 'CALL_OVER' });
    await ada.call('call.end', { callId });
    await refused;
    expect(t.signaling.stats().peers.phone).toBe(0);
  });

  test('two call each other: it is one call', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const call = await startCall(t, ada, { user: 'bob' });
    const crossing = await startCall(t, bob, { user: 'ada' });
    expect(crossing).toMatchObject({ callId: call.callId, state: 'accepted' });
    expect(endOf(ada)).toBeUndefined();
    expect(ada.link.of('callIncoming')).toEqual([]);
    expect(t.signaling.stats().calls).toBe(1);
  });

  test('the same is started twice: it is one call', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const request = { to: [{ user: 'bob' }], clientId: 'one' };
    const [first, second] = await Promise.all([ada.call('call.start', request), ada.call('call.start', request)]);
    await settle(t);
    expect(second.callId).toBe(first.callId);
    expect(bob.link.of('callIncoming')).toHaveLength(1);
  });

  test('the store fails as a call starts: nobody is rung', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    await t.roomLog.close();
    expect((await ada.refusal('call.start', { to: [{ user: 'bob' }] })).reason).toBe('STORE_UNAVAILABLE');
    await settle(t);
    expect(bob.link.of('callIncoming')).toEqual([]);
    expect(t.signaling.stats().calls).toBe(0);
  });
});
