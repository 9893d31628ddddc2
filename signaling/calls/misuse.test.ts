import { describe, expect, test } from 'vitest';
import {
  callBetween,
  callNumber,
  endOf,
  enter,
  lastOf,
  listen,
  mayCall,
  settle,
  signIn,
  startCall,
} from '../testing/call-people.ts';
import { startNodes } from '../testing/start-nodes.ts';
import { startSignaling, type TestSignaling } from '../testing/start-signaling.ts';
import { maxToOne } from './call-limits.ts';

describe('a call that nobody should make', () => {
  test('to oneself, by any of the ways, is refused', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    expect((await ada.refusal('call.start', { to: [{ user: 'ada' }] })).reason).toBe('BAD_REQUEST');
    const { callId } = await callBetween(t, ada, bob, 'bob');
    for (const who of ['ada', 'bob']) {
      expect((await ada.refusal('call.add', { callId, to: [{ user: who }] })).reason).toBe('CALL_REFUSED');
      expect((await ada.refusal('call.transfer', { callId, to: { user: who } })).reason).toBe('CALL_REFUSED');
    }
    expect((await ada.refusal('call.transfer', { callId, toCallId: callId })).reason).toBe('CALL_REFUSED');
    expect([endOf(ada), endOf(bob)]).toEqual([undefined, undefined]);
  });

  test('to 10,000 users is refused as a whole', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    const to = Array.from({ length: 10_000 }, (_, index) => ({ user: `u${index}` }));
    expect((await ada.refusal('call.start', { to })).reason).toBe('BAD_REQUEST');
    expect((await ada.refusal('call.start', { to: to.slice(0, 21) })).reason).toBe('BAD_REQUEST');
    expect(t.signaling.stats().calls).toBe(0);
  });

  test('that rings somebody else’s phone as one’s own is refused', async () => {
    const t = startSignaling();
    t.telephony.withPhones.add('bob');
    const ada = await signIn(t, 'ada');
    const refusal = await ada.refusal('call.start', { to: [{ user: 'cy' }], firstRing: { user: 'bob' } });
    expect([refusal.reason, refusal.details]).toMatchObject(['BAD_REQUEST', { field: 'firstRing' }]);
    expect(t.telephony.calls).toEqual([]);
    const bea = await t.connect({ identity: 'bea', can: mayCall.filter((grant) => grant !== 'call:number') });
    const dialled = await bea.refusal('call.start', { to: [{ user: 'cy' }], firstRing: { number: '0900' } });
    expect(dialled.details).toEqual({ grant: 'call:number' });
  });

  test('again and again to one person leaves that one reachable for others', async () => {
    const t = startSignaling();
    const [ada, bob, cy] = [await signIn(t, 'ada'), await signIn(t, 'bob'), await signIn(t, 'cy')];
    for (let index = 0; index < maxToOne; index++) await startCall(t, ada, { user: 'bob' });
    expect((await ada.refusal('call.start', { to: [{ user: 'bob' }] })).reason).toBe('CALL_LIMIT');
    const call = await startCall(t, cy, { user: 'bob' });
    await bob.call('call.accept', { callId: call.callId });
    await settle(t);
    expect(endOf(cy)).toBeUndefined();
  });

  test('in a flood is refused, and nothing is left of it', async () => {
    const t = startSignaling();
    const [ada] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const asked = await Promise.allSettled(
      Array.from({ length: 200 }, (_, index) => ada.call('call.start', { to: [{ user: `u${index}` }] })),
    );
    await settle(t);
    expect(asked.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(10);
    expect(t.signaling.stats().calls).toBe(0);
  });
});

describe('what others do to a call', () => {
  test('declining, accepting and ending it by who was not called is as if there were none', async () => {
    const t = startSignaling();
    const [ada, bob, eve] = [await signIn(t, 'ada'), await signIn(t, 'bob'), await signIn(t, 'eve')];
    const { callId } = await startCall(t, ada, { user: 'bob' });
    for (const method of ['call.decline', 'call.accept', 'call.end']) {
      expect((await eve.refusal(method, { callId })).reason).toBe('CALL_NOT_FOUND');
    }
    expect((await ada.refusal('call.decline', { callId })).reason).toBe('CALL_TAKEN');
    await bob.call('call.accept', { callId });
    expect(endOf(ada)).toBeUndefined();
  });

  test.each(['the other side', 'everybody'])('handing on while it is ended by %s leaves nobody ringing', async (by) => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const [{ callId }, phone] = await callNumber(t, ada);
    const handing = Promise.allSettled([ada.call('call.transfer', { callId, to: { user: 'bob' } })]);
    if (by === 'everybody') await ada.call('call.end', { callId, forAll: true });
    else phone.leave('left');
    await handing;
    await settle(t);
    expect(endOf(bob)).toBe(bob.link.of('callIncoming').length === 0 ? undefined : 'canceled');
    expect([phone.left, t.signaling.stats().calls, t.signaling.stats().peers.phone]).toEqual([true, 0, 0]);
    expect((await ada.call('call.list', {})).calls).toMatchObject([{ callId }]);
  });
});

test('a number of a call is not the own leg of whoever signs in by its name', async () => {
  const t = startSignaling();
  const [ada, eve] = [await signIn(t, 'ada'), await signIn(t, 'tel:+4930123')];
  const [{ callId }] = await callNumber(t, ada, '+4930123');
  for (const [method, more] of [
    ['call.hold', { hold: true }],
    ['call.transfer', { to: { user: 'eve' } }],
    ['call.end', {}],
  ] as const) {
    expect((await eve.refusal(method, { callId, ...more })).reason).toBe('CALL_NOT_FOUND');
  }
  expect((await eve.call('call.current', {})).calls).toEqual([]);
  expect(lastOf(ada).legs.map(({ state, held }) => [state, held])).toEqual([
    ['accepted', false],
    ['accepted', false],
  ]);
});

describe('what somebody does to a call that is only rung', () => {
  test('to the legs of others is refused, and they hear nothing of it', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob'), await signIn(t, 'cy')];
    const [{ callId }, phone] = await callNumber(t, ada);
    await ada.call('call.add', { callId, to: [{ user: 'bob' }] });
    await settle(t);
    const told = listen(phone);
    const legId = lastOf(ada).legs.find(({ via }) => via === 'phone')?.legId ?? '';
    for (const [method, request] of [
      ['call.end', {}],
      ['call.hold', { hold: true }],
      ['call.mute', { muted: true }],
      ['call.sendDigits', { digits: '1' }],
      ['call.add', { to: [{ user: 'cy' }] }],
    ] as const) {
      const asked = method === 'call.add' ? { callId, ...request } : { callId, legId, ...request };
      expect([method, (await bob.refusal(method, asked)).reason]).toEqual([method, 'CALL_REFUSED']);
    }
    await settle(t);
    expect([told, phone.left, endOf(ada)]).toEqual([[], false, undefined]);
    await bob.call('call.end', { callId, legId: lastOf(bob).legs.at(-1)?.legId ?? '' });
    expect(endOf(bob)).toBe('declined');
  });

  test('carries nobody off, and leads nobody into a call that nobody answered', async () => {
    const t = startSignaling();
    const [ada, bob, cy] = [await signIn(t, 'ada'), await signIn(t, 'bob'), await signIn(t, 'cy')];
    const own = await callBetween(t, bob, cy, 'cy');
    const other = await startCall(t, ada, { user: 'bob' });
    for (const [callId, toCallId] of [
      [own.callId, other.callId],
      [other.callId, own.callId],
    ]) {
      expect((await bob.refusal('call.transfer', { callId, toCallId })).reason).toBe('CALL_REFUSED');
    }
    expect([endOf(ada), endOf(bob), endOf(cy)]).toEqual([undefined, undefined, undefined]);
  });
});

test('a conference is handed over by nobody but whoever started it', async () => {
  const t = startSignaling();
  const [ada, bob, cy] = [await signIn(t, 'ada'), await signIn(t, 'bob'), await signIn(t, 'cy')];
  const dora = await signIn(t, 'dora');
  const conference = await callBetween(t, ada, cy, 'cy');
  await ada.call('call.add', { callId: conference.callId, to: [{ user: 'bob' }] });
  await settle(t);
  await bob.call('call.accept', { callId: conference.callId });
  await enter(t, bob, conference);
  const own = await callBetween(t, bob, dora, 'dora');
  const asked = { callId: own.callId, toCallId: conference.callId };
  expect((await bob.refusal('call.transfer', asked)).reason).toBe('CALL_REFUSED');
  expect([lastOf(ada).room, endOf(ada), endOf(cy)]).toEqual([conference.room, undefined, undefined]);
  // One that joins what others speak of brings nobody along that is not there.
  const consulting = await callBetween(t, ada, dora, 'dora');
  await ada.call('call.transfer', { callId: consulting.callId, toCallId: conference.callId });
  await settle(t);
  expect([lastOf(bob), lastOf(cy)].map(({ callId }) => callId)).toEqual([consulting.callId, consulting.callId]);
});

describe('at several nodes at once', () => {
  const start = async () => {
    const t = await startNodes(['one', 'two', 'three']);
    const [one, two, three] = t.nodes as [TestSignaling, TestSignaling, TestSignaling];
    const [ada, desk, laptop] = [await signIn(one, 'ada'), await signIn(two, 'bob'), await signIn(three, 'bob')];
    await t.settle();
    const call = await ada.call('call.start', { to: [{ user: 'bob' }] });
    await t.settle();
    await enter(one, ada, call);
    return { t, ada, desk, laptop, callId: call.callId };
  };

  test('two accept: one has the call, the other is told who was faster', async () => {
    const { t, desk, laptop, callId } = await start();
    const answers = await Promise.allSettled([desk, laptop].map((one) => one.call('call.accept', { callId })));
    await t.settle();
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const loser = answers[0]?.status === 'rejected' ? desk : laptop;
    expect(endOf(loser)).toBe('answered-elsewhere');
    expect((await loser.refusal('call.accept', { callId })).reason).toBe('CALL_TAKEN');
  });

  test('one accepts what was taken back', async () => {
    const { t, ada, desk, callId } = await start();
    const [, accepted] = await Promise.allSettled([
      ada.call('call.end', { callId }),
      desk.call('call.accept', { callId }),
    ]);
    await t.settle();
    expect(accepted.status).toBe('rejected');
    expect([endOf(ada), endOf(desk)]).toEqual(['canceled', 'canceled']);
    expect((await desk.refusal('call.accept', { callId })).reason).toMatch(/^CALL_(OVER|NOT_FOUND)$/);
    for (const { signaling } of t.nodes) expect(signaling.stats().calls).toBe(0);
  });
});
