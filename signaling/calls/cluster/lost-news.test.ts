import { expect, test } from 'vitest';
import { enter, pickUp, register, ring, start } from '../../testing/call-nodes.ts';
import { endOf, lastOf, legOf, signIn } from '../../testing/call-people.ts';
import type { TestSignaling } from '../../testing/start-signaling.ts';

const isAsk =
  (...names: string[]) =>
  (request: object): boolean =>
    'ask' in request && names.includes(String(request.ask));

test('a phone whose ring the node of the call could not end rings for no longer than that', async () => {
  const t = await start('one', 'two');
  const [one, two] = t.at as [TestSignaling, TestSignaling];
  register(t, 1, 'bob');
  const ada = await signIn(one, 'ada');
  await t.settle();
  const call = await ada.call('call.start', { to: [{ user: 'bob' }], ringMs: 20_000 });
  for (let turn = 0; turn < 3; turn++) await t.settle();
  const isStop = isAsk('stopRinging');
  t.cluster.faultOf = (_to, request) => (isStop(request) ? 'unsent' : undefined);
  await ada.call('call.end', { callId: call.callId });
  await t.advance(19_000);
  expect(two.telephony.last.canceled).toBeUndefined();
  await t.advance(10_000);
  expect(two.telephony.last.canceled).toBe('no-answer');
});

test('a call ends though its node was out of reach for 20 seconds when its last phones hung up', async () => {
  const t = await start('one', 'two');
  const [one, two] = t.at as [TestSignaling, TestSignaling];
  for (const user of ['ada', 'bob']) register(t, 1, user);
  const ada = await signIn(one, 'ada');
  await t.settle();
  // Click to call: nobody is in the room at the node of the call.
  await ada.call('call.start', { to: [{ user: 'bob' }], firstRing: {} });
  for (let turn = 0; turn < 3; turn++) await t.settle();
  const phones = [await pickUp(t, two), await pickUp(t, two)];
  expect([one, two].map(({ signaling }) => signaling.stats().calls)).toEqual([1, 0]);
  t.cluster.faultOf = (to) => (to === 'one' ? 'unsent' : undefined);
  for (const phone of phones) phone?.leave('left');
  await t.advance(20_000);
  t.cluster.faultOf = () => undefined;
  await t.advance(10_000);
  expect(endOf(ada)).toBe('hung-up');
  expect(one.signaling.stats().calls).toBe(0);
});

test('a phone that was handed over to a node that does not know of it is hung up', async () => {
  const t = await start('one', 'two');
  const [one, two] = t.at as [TestSignaling, TestSignaling];
  const [ada, cy] = [await signIn(one, 'ada'), await signIn(two, 'cy')];
  await t.settle();
  const first = await ada.call('call.start', { to: [{ number: '1' }] });
  await t.settle();
  await enter(t, ada, first.room);
  const phone = await pickUp(t, one, { number: '1' });
  const second = await ring(t, cy, 'ada');
  await ada.call('call.accept', { callId: second.callId });
  await enter(t, ada, second.room);
  const isHandOver = isAsk('handOver');
  t.cluster.faultOf = (_to, request) => (isHandOver(request) ? 'unanswered' : undefined);
  const { reason } = await ada.refusal('call.transfer', { callId: second.callId, toCallId: first.callId });
  expect([reason, phone?.left]).toEqual(['NODE_UNREACHABLE', false]);
  await t.advance(31_000);
  expect(phone?.left).toBe(true);
});

test('of a node that died, nobody is told the end of a call that was over for them before', async () => {
  const t = await start('one', 'two');
  const [one, two] = t.at as [TestSignaling, TestSignaling];
  const [ada, bob] = [await signIn(one, 'ada'), await signIn(two, 'bob')];
  await t.settle();
  const call = await ada.call('call.start', { to: [{ user: 'bob' }, { number: '1' }] });
  await t.settle();
  await enter(t, ada, call.room);
  await pickUp(t, one, { number: '1' });
  await bob.call('call.decline', { callId: call.callId });
  await t.settle();
  expect(endOf(bob)).toBe('declined');
  t.cluster.kill('one');
  await t.advance(30_000);
  expect(endOf(bob)).toBe('declined');
});

test('a phone that is picked up has its call though the answer to that got lost', async () => {
  const t = await start('one', 'two');
  const [one, two] = t.at as [TestSignaling, TestSignaling];
  register(t, 1, 'bob');
  const ada = await signIn(one, 'ada');
  await t.settle();
  const call = await ring(t, ada, 'bob');
  const isAnswer = isAsk('answered');
  let lost = 0;
  t.cluster.faultOf = (_to, request) => (isAnswer(request) && lost++ < 2 ? 'unanswered' : undefined);
  const answering = two.telephony.last.answers(two.signaling.phoneDesk);
  await t.advance(3_000);
  const phone = await answering;
  expect(legOf(lastOf(ada), 'bob')).toMatchObject({ state: 'accepted', via: 'phone', peerId: phone?.peerId });
  await t.advance(60_000);
  expect([phone?.left, endOf(ada)]).toEqual([false, undefined]);
  await ada.call('call.end', { callId: call.callId });
  await t.settle();
  expect(phone?.left).toBe(true);
});

test('a phone that is picked up while the node of the call is out of reach for long is hung up', async () => {
  const t = await start('one', 'two');
  const [one, two] = t.at as [TestSignaling, TestSignaling];
  register(t, 1, 'bob');
  const ada = await signIn(one, 'ada');
  await t.settle();
  await ring(t, ada, 'bob');
  t.cluster.faultOf = (to) => (to === 'one' ? 'unsent' : undefined);
  const answering = two.telephony.last.answers(two.signaling.phoneDesk);
  await t.advance(12_000);
  expect(await answering).toBeUndefined();
});
