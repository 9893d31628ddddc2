import { describe, expect, test } from 'vitest';
import { createMemoryRoomLog } from '../../../cluster/memory/memory-room-log.ts';
import { endOf, enter, signIn } from '../../testing/call-people.ts';
import { createScriptedRoomLog } from '../../testing/scripted-room-log.ts';
import { startNodes } from '../../testing/start-nodes.ts';
import type { TestClient, TestSignaling } from '../../testing/start-signaling.ts';

/** Ada at the first node and Bob at the second are in a call of the first. */
async function inCall() {
  const roomLog = createScriptedRoomLog(createMemoryRoomLog());
  const t = await startNodes(['one', 'two'], { roomLog });
  const [one, two] = t.nodes as [TestSignaling, TestSignaling];
  const [ada, bob] = [await signIn(one, 'ada'), await signIn(two, 'bob')];
  await t.settle();
  const call = await ada.call('call.start', { to: [{ user: 'bob' }] });
  await t.settle();
  await enter(one, ada, call);
  await bob.call('call.accept', { callId: call.callId });
  await enter(two, bob, call);
  await t.settle();
  return { t, roomLog, ada, bob, callId: call.callId };
}

const listOf = async (client: TestClient) =>
  (await client.call('call.list', {})).calls.map(({ callId, endReason }) => [callId, endReason]);

describe('whoever is told at another node that a call is over', () => {
  test('finds it in the list, however long the store takes', async () => {
    const { t, roomLog, ada, bob, callId } = await inCall();
    const release = roomLog.hold();
    await ada.call('call.end', { callId });
    await t.settle();
    expect([endOf(ada), endOf(bob)]).toEqual(['hung-up', undefined]);
    release();
    await t.settle();
    expect(endOf(bob)).toBe('hung-up');
    expect(await listOf(bob)).toEqual([[callId, 'hung-up']]);
  });

  test('is told all the same after two seconds', async () => {
    const { t, roomLog, ada, bob, callId } = await inCall();
    const release = roomLog.hold();
    await ada.call('call.end', { callId });
    await t.advance(2_000);
    expect(endOf(bob)).toBe('hung-up');
    release();
    await t.settle();
  });

  test('finds it in the list when the node of the call has died', async () => {
    const { t, roomLog, bob, callId } = await inCall();
    const release = roomLog.hold();
    t.cluster.kill('one');
    let waited = 0;
    for (; waited < 30 && endOf(bob) === undefined; waited++) {
      await t.advance(1_000);
      if (t.directories[1]?.nodes.others.size === 0) break;
    }
    expect(endOf(bob)).toBeUndefined();
    release();
    await t.settle();
    expect(endOf(bob)).toBe('node-lost');
    expect(await listOf(bob)).toEqual([[callId, 'node-lost']]);
  });
});
