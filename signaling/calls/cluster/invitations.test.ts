import { expect, test } from 'vitest';
import { enter, start } from '../../testing/call-nodes.ts';
import { mayCall, signInNowhere } from '../../testing/call-people.ts';
import type { TestSignaling } from '../../testing/start-signaling.ts';

const room = 'standup';

/** Ada and Cy, each at a node of their own, have called Bob into the standup. */
async function callFromTwoNodes() {
  const t = await start('one', 'two');
  const [one, two] = t.at as [TestSignaling, TestSignaling];
  const ada = await one.connect({ identity: 'ada', can: mayCall });
  const cy = await two.connect({ identity: 'cy', can: mayCall });
  const bob = await signInNowhere(two, 'bob');
  await t.settle();
  for (const one of [ada, cy]) await enter(t, one, room);
  const calls: string[] = [];
  for (const caller of [ada, cy]) {
    calls.push((await caller.call('call.start', { to: [{ user: 'bob' }], room })).callId);
    await t.settle();
  }
  const [first = '', second = ''] = calls;
  return { t, ada, cy, bob, first, second };
}

test('into a room of others outlive a call of another node there, and end with their own', async () => {
  const { t, ada, cy, bob, first, second } = await callFromTwoNodes();
  await ada.call('call.end', { callId: first });
  await t.settle();
  await enter(t, bob, room);
  await bob.call('room.leave', { room });
  await cy.call('call.end', { callId: second });
  await t.settle();
  expect((await bob.refusal('room.join', { room })).details).toEqual({ grant: 'join' });
});

test('into a room of others outlive a call there whose node died', async () => {
  const { t, cy, bob, second } = await callFromTwoNodes();
  t.cluster.kill('one');
  await t.advance(30_000);
  await enter(t, bob, room);
  await bob.call('room.leave', { room });
  await cy.call('call.end', { callId: second });
  await t.settle();
  expect((await bob.refusal('room.join', { room })).details).toEqual({ grant: 'join' });
});
