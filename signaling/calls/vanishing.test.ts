import { describe, expect, test } from 'vitest';
import { callBetween, endOf, enter, lastOf, legOf, settle, signIn, startCall } from '../testing/call-people.ts';
import { startSignaling } from '../testing/start-signaling.ts';
import { joinWithinMs, rejoinWithinMs } from './call-limits.ts';

describe('somebody vanishes', () => {
  test('a browser that rings: the others go on ringing, and it can come back to the call', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    const bob = await signIn(t, 'bob');
    const call = await startCall(t, ada, { user: 'bob' });
    const { callId } = call;
    await enter(t, ada, call);
    bob.link.lose();
    t.clock.advance(31_000);
    expect(endOf(ada)).toBeUndefined();
    const back = await signIn(t, 'bob');
    expect((await back.call('call.current', {})).calls).toMatchObject([{ callId, state: 'ringing' }]);
    await back.call('call.accept', { callId });
    await settle(t);
    expect(lastOf(ada).state).toBe('accepted');
  });

  test('who answered and never comes, or the caller who never came: the call is over', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const call = await startCall(t, ada, { user: 'bob' });
    await enter(t, ada, call);
    await bob.call('call.accept', { callId: call.callId });
    t.clock.advance(joinWithinMs);
    expect([endOf(ada), endOf(bob)]).toEqual(['lost', 'lost']);

    await startCall(t, ada, { user: 'bob' });
    t.clock.advance(joinWithinMs);
    expect([endOf(ada), endOf(bob)]).toEqual(['lost', 'canceled']);
  });

  test('a page that is loaded anew is in the same call again; one that is not soon has hung up', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const call = await callBetween(t, ada, bob, 'bob');
    await bob.call('room.leave', { room: call.room });
    bob.link.lose();
    await settle(t);
    expect(legOf(lastOf(ada), 'bob')).toMatchObject({ state: 'accepted', peerId: '' });
    const anew = await signIn(t, 'bob');
    expect((await anew.call('call.current', {})).calls).toMatchObject([{ callId: call.callId }]);
    await enter(t, anew, call);
    t.clock.advance(60_000);
    await settle(t);
    expect(endOf(ada)).toBeUndefined();
    await anew.call('room.leave', { room: call.room });
    t.clock.advance(rejoinWithinMs);
    expect([endOf(ada), endOf(anew)]).toEqual(['hung-up', 'hung-up']);
  });

  test('a caller whose browser is gone is waited for, then the call is over', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    await callBetween(t, ada, bob, 'bob');
    ada.link.lose();
    t.clock.advance(29_000);
    await settle(t);
    expect(endOf(bob)).toBeUndefined();
    t.clock.advance(1_001);
    await settle(t);
    expect(endOf(bob)).toBe('lost');
    expect(t.signaling.stats().calls).toBe(0);
  });
});

describe('bounds', () => {
  test('calls of one identity, called or calling, and calls of a node', async () => {
    const t = startSignaling({ calls: { maxPerIdentity: 2, maxCalls: 3 } });
    const [ada, bob, cy] = [await signIn(t, 'ada'), await signIn(t, 'bob'), await signIn(t, 'cy')];
    await startCall(t, ada, { number: '1' });
    await startCall(t, ada, { user: 'bob' });
    expect((await ada.refusal('call.start', { to: [{ user: 'cy' }] })).reason).toBe('CALL_LIMIT');
    await startCall(t, cy, { user: 'bob' });
    expect((await cy.refusal('call.start', { to: [{ user: 'bob' }] })).reason).toBe('CALL_LIMIT');
    expect((await bob.call('call.current', {})).calls).toHaveLength(2);
    await ada.call('call.end', { callId: (await ada.call('call.current', {})).calls[0]?.callId ?? '' });
    await startCall(t, ada, { number: '2' });
    expect(t.signaling.stats().calls).toBe(3);
  });

  test('nothing is left of calls that are over', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const timers = t.clock.pendingTimers;
    const call = await callBetween(t, ada, bob, 'bob');
    await bob.call('call.end', { callId: call.callId });
    await settle(t);
    t.clock.advance(120_000);
    // The lists of calls are looked through for what is too old, with pauses.
    for (let pauses = 0; pauses < 5; pauses++) {
      await settle(t);
      t.clock.advance(1_000);
    }
    expect(t.signaling.stats()).toMatchObject({ calls: 0, rooms: 0 });
    expect(t.clock.pendingTimers).toBe(timers);
  });
});
