import { describe, expect, test } from 'vitest';
import { endOf, enter, lastOf, legOf, mayCall, settle, signIn, startCall } from '../testing/call-people.ts';
import { startNodes } from '../testing/start-nodes.ts';
import { startSignaling, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';

const rungBy = ({ link }: TestClient) => link.of('callIncoming').map(({ call }) => call.callId);

/** The same session on another connection. */
async function comesBack(t: TestSignaling, before: TestClient, identity: string): Promise<TestClient> {
  const back = t.open();
  await back.connect(t.verifier.issue({ identity, can: mayCall }), before);
  return back;
}

describe('a call to somebody whose connection is lost', () => {
  test('waits, and rings as soon as the browser is back', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    bob.link.lose();
    const call = await startCall(t, ada, { user: 'bob' });
    expect(endOf(ada)).toBeUndefined();
    expect(legOf(lastOf(ada), 'bob').state).toBe('calling');
    t.clock.advance(20_000);
    const back = await comesBack(t, bob, 'bob');
    await settle(t);
    expect(rungBy(back)).toEqual([call.callId]);
    expect(legOf(lastOf(ada), 'bob').state).toBe('ringing');
    await back.call('call.accept', { callId: call.callId });
    await enter(t, ada, call);
    expect(lastOf(ada).state).toBe('accepted');
  });

  test('is unreachable once nobody is waited for any more, or its time is over', async () => {
    const t = startSignaling({ calls: { ringMs: 60_000 } });
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    bob.link.lose();
    t.clock.advance(10_000);
    const call = await startCall(t, ada, { user: 'bob' });
    await enter(t, ada, call);
    t.clock.advance(19_000);
    await settle(t);
    expect(endOf(ada)).toBeUndefined();
    t.clock.advance(2_000);
    await settle(t);
    expect(endOf(ada)).toBe('unreachable');

    const cy = await signIn(t, 'cy');
    cy.link.lose();
    await ada.call('call.start', { to: [{ user: 'cy' }], ringMs: 5_000 });
    await settle(t);
    ada.link.take();
    t.clock.advance(5_000);
    await settle(t);
    expect(endOf(ada)).toBe('unreachable');
  });

  test('ends at once when a phone of that person says busy, and rings on where one rings', async () => {
    const t = startSignaling();
    t.telephony.withPhones.add('bob');
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    bob.link.lose();
    await startCall(t, ada, { user: 'bob' });
    t.telephony.last.fails('busy');
    await settle(t);
    expect(endOf(ada)).toBe('busy');
    const call = await startCall(t, ada, { user: 'bob' });
    t.telephony.last.rings();
    const back = await comesBack(t, bob, 'bob');
    await settle(t);
    expect(rungBy(back)).toEqual([call.callId]);
  });
});

describe('a browser that comes while a call rings', () => {
  test('rings too, where a phone or another browser does', async () => {
    const t = startSignaling();
    t.telephony.withPhones.add('bob');
    const ada = await signIn(t, 'ada');
    const call = await startCall(t, ada, { user: 'bob' });
    const desk = await signIn(t, 'bob');
    await settle(t);
    const laptop = await signIn(t, 'bob');
    await settle(t);
    expect([rungBy(desk), rungBy(laptop)]).toEqual([[call.callId], [call.callId]]);
    await desk.call('call.accept', { callId: call.callId });
    await settle(t);
    expect([endOf(laptop), t.telephony.last.canceled]).toEqual(['answered-elsewhere', 'answered-elsewhere']);
    expect(rungBy(await signIn(t, 'bob'))).toEqual([]);
  });

  test('of whoever calls by click to call rings for nobody', async () => {
    const t = startSignaling();
    t.telephony.withPhones.add('ada');
    const [ada] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    await ada.call('call.start', { to: [{ user: 'bob' }], firstRing: { user: 'ada' } });
    const other = await signIn(t, 'ada');
    await settle(t);
    expect(rungBy(other)).toEqual([]);
  });
});

describe('at other nodes', () => {
  const start = async () => {
    const t = await startNodes(['one', 'two']);
    const [one, two] = t.nodes as [TestSignaling, TestSignaling];
    return { t, one, two, ada: await signIn(one, 'ada') };
  };

  test('somebody who is away is waited for, and rung when back', async () => {
    const { t, two, ada } = await start();
    const bob = await signIn(two, 'bob');
    bob.link.lose();
    await t.settle();
    const call = await ada.call('call.start', { to: [{ user: 'bob' }] });
    await t.advance(5_000);
    expect(endOf(ada)).toBeUndefined();
    const back = await comesBack(two, bob, 'bob');
    await t.advance(2_000);
    expect(rungBy(back)).toEqual([call.callId]);
  });

  test('somebody who has signed in just now is found a moment later', async () => {
    const { t, two, ada } = await start();
    const call = await ada.call('call.start', { to: [{ user: 'bob' }] });
    const bob = await signIn(two, 'bob');
    await t.advance(1_000);
    expect(endOf(ada)).toBeUndefined();
    expect(rungBy(bob)).toEqual([call.callId]);
    await ada.call('call.end', { callId: call.callId });
    await ada.call('call.start', { to: [{ user: 'nobody' }] });
    ada.link.take();
    await t.advance(1_000);
    expect(endOf(ada)).toBe('unreachable');
  });
});
