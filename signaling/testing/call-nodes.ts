// Calls over several nodes, for tests.

import type { AnsweredPhone } from '../calls/telephony.ts';
import { startNodes, type TestNodes } from './start-nodes.ts';
import type { TestClient, TestSignaling } from './start-signaling.ts';

/** Nodes by their names. */
export async function start(...names: string[]): Promise<TestNodes & { readonly at: TestSignaling[] }> {
  const nodes = await startNodes(names);
  return { ...nodes, at: [...nodes.nodes] };
}

/** Who calls is in the room of the call. */
export async function ring(t: TestNodes, caller: TestClient, user: string) {
  const call = await caller.call('call.start', { to: [{ user }] });
  await t.settle();
  await t.settle();
  await caller.call('room.join', { room: call.room });
  await t.settle();
  return call;
}

export const enter = async (t: TestNodes, client: TestClient, room: string) => {
  await client.call('room.join', { room });
  await t.settle();
};

/** The phone that was rung last at a node is picked up. */
export async function pickUp(
  t: TestNodes,
  { telephony, signaling }: TestSignaling,
  phone: Partial<AnsweredPhone> = {},
) {
  const answering = telephony.last.answers(signaling.phoneDesk, phone);
  for (let turn = 0; turn < 3; turn++) await t.settle();
  return await answering;
}

/** Phones of a user are registered at a node. */
export const register = (t: TestNodes, node: number, user: string) => {
  t.nodes[node]?.telephony.withPhones.add(user);
  t.directories[node]?.phones.publish(user, [{ untilMs: t.clock.nowMs() + 3_600_000 }]);
};
