import { describe, expect, test } from 'vitest';
import { MemoryRecorder } from '../testing/memory-recorder.ts';
import { memberGrants } from '../testing/memory-verifier.ts';
import { startNodes } from '../testing/start-nodes.ts';
import { defaultRoom as room, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';

const can = [...memberGrants, 'record'] as const;

/** Somebody who may record on each of three nodes, with a recorder that they share. */
async function start() {
  const recorder = new MemoryRecorder();
  const started = await startNodes(['a', 'b', 'c'], { recorder });
  const [a, b, c] = started.nodes as [TestSignaling, TestSignaling, TestSignaling];
  const ada = await a.join({ identity: 'ada', can });
  const bo = await b.join({ identity: 'bo', can });
  const cy = await c.join({ identity: 'cy', can });
  await started.settle();
  return { ...started, recorder, a, b, c, ada, bo, cy };
}

const told = (client: TestClient) =>
  client.link.of('recordingChanged').map(({ recording: { state, node } }) => `${state} ${node}`);
const recordingIn = async (node: TestSignaling) =>
  (await (await node.connect({ identity: 'new' })).call('room.join', { room })).recording;

describe('a recording of a room on several nodes', () => {
  test('is known on all of them, and says which node has it', async () => {
    const { bo, ada, cy, c, settle } = await start();
    const { recordingId, node } = await bo.call('recording.start', { room, title: 'talk' });
    await settle();
    expect(node).toBe('b');
    expect([ada, cy].map(told)).toEqual([['running b'], ['running b']]);
    expect(await recordingIn(c)).toMatchObject({ recordingId, state: 'running', node: 'b', url: '' });
  });

  test('runs once: at every other node a second one is refused as it is at its own', async () => {
    const { ada, bo, cy, settle } = await start();
    const outcomes = await Promise.allSettled([ada, cy].map((one) => one.call('recording.start', { room })));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await settle();
    const [first] = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    for (const one of [ada, bo, cy]) {
      expect(await one.refusal('recording.start', { room })).toMatchObject({
        reason: 'RECORDING_RUNS',
        details: { recordingId: first?.recordingId },
      });
    }
  });

  test('is stopped at any node, by whoever may: all hear how it ended, and the next one may begin', async () => {
    const { ada, bo, cy, recorder, settle, a } = await start();
    const { recordingId } = await bo.call('recording.start', { room });
    await settle();
    const stopped = cy.call('recording.stop', { room, recordingId });
    await settle();
    recorder.running[0]?.end();
    expect(await stopped).toMatchObject({ recordingId, state: 'done', node: 'b' });
    await settle();
    expect(told(ada)).toEqual(['running b', 'stopping b', 'done b']);
    expect(await recordingIn(a)).toBeUndefined();
    expect((await ada.call('recording.start', { room })).node).toBe('a');
    expect((await cy.refusal('recording.stop', { room, recordingId: 'none' })).reason).toBe('RECORDING_NOT_FOUND');
  });

  test('that takes long to be written is answered as one that is being brought to its end', async () => {
    const { bo, cy, settle, advance } = await start();
    const { recordingId } = await bo.call('recording.start', { room });
    await settle();
    const stopped = cy.call('recording.stop', { room, recordingId });
    await settle();
    await advance(7_000);
    expect((await stopped).state).toBe('stopping');
  });

  test('is over when the node that records has died, whoever owned the room, and another one may begin', async () => {
    for (const dead of ['a', 'b'] as const) {
      const { cluster, ada, bo, cy, settle, advance } = await start();
      const by = dead === 'a' ? ada : bo;
      await by.call('recording.start', { room });
      await settle();
      cluster.kill(dead);
      await advance(cluster.leaseMs + 2 * cluster.beatMs);
      expect(told(cy)).toEqual([`running ${dead}`, `interrupted ${dead}`]);
      expect((await cy.call('recording.start', { room })).node).toBe('c');
    }
  });

  test('keeps nobody from recording once its node is not in the room any more', async () => {
    const { cluster, bo, cy, recorder, settle, advance } = await start();
    await bo.call('recording.start', { room });
    await settle();
    await bo.call('room.leave', { room });
    await advance(60_000);
    expect(cluster.owners.get(room)?.nodes).toHaveLength(2);
    expect(told(cy)).toEqual(['running b', 'stopping b']);
    expect((await cy.call('recording.start', { room })).node).toBe('c');
    recorder.running[0]?.end();
    await settle();
    expect((await bo.refusal('recording.start', { room })).reason).toBe('NOT_IN_ROOM');
    expect((await cy.refusal('recording.start', { room })).reason).toBe('RECORDING_RUNS');
  });

  test('goes on at its node when the owner of the room dies', async () => {
    const { cluster, bo, cy, recorder, settle, advance } = await start();
    const { recordingId } = await bo.call('recording.start', { room });
    await settle();
    cluster.kill('a');
    await advance(cluster.leaseMs + 2 * cluster.beatMs);
    expect((await cy.refusal('recording.start', { room })).reason).toBe('RECORDING_RUNS');
    const stopped = cy.call('recording.stop', { room, recordingId });
    await settle();
    recorder.running[0]?.end();
    expect((await stopped).state).toBe('done');
  });

  test('does not keep others from one that could not begin', async () => {
    const { a, ada, cy, recorder, settle } = await start();
    let release = () => {};
    recorder.held = new Promise((resolve) => {
      release = resolve;
    });
    const refusal = ada.refusal('recording.start', { room });
    await settle();
    expect((await cy.refusal('recording.start', { room })).reason).toBe('RECORDING_RUNS');
    await ada.call('session.refresh', { token: a.verifier.issue({ identity: 'ada', can: memberGrants }) });
    release();
    expect((await refusal).reason).toBe('GRANT_MISSING');
    await settle();
    recorder.held = Promise.resolve();
    await cy.call('recording.start', { room });
  });
});
