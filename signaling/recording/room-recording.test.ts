import { beforeEach, describe, expect, test } from 'vitest';
import type { RoomId } from '../../core/ids.ts';
import { createPeerId } from '../../core/ids.ts';
import { silentLogger } from '../../core/log.ts';
import { createMemoryNodes, type MemoryNode, type MemoryNodes } from '../../media/nodes/testing/memory-nodes.ts';
import { microphone, sendTransport } from '../../test/support/room-media-calls.ts';
import { opusParameters } from '../../test/support/rtp-parameters.ts';
import { MemoryRecorder } from '../testing/memory-recorder.ts';
import { RoomRecording } from './room-recording.ts';

describe('a track of another node that is recorded', () => {
  let all: MemoryNodes;
  let [home, away]: [MemoryNode, MemoryNode] = [] as never;
  let recording: RoomRecording;
  const ada = createPeerId();

  beforeEach(async () => {
    all = createMemoryNodes(['home', 'away']);
    [home, away] = all.nodes as [MemoryNode, MemoryNode];
    all.admit(home, ada);
    const request = microphone(await sendTransport(home.room, ada));
    await home.room.produce(ada, { ...request, rtpParameters: { ...opusParameters(), headerExtensions: [] } });
    const facts = { room: 'standup', title: '', sources: [], startedBy: 'ada' };
    const running = await new MemoryRecorder().start(facts);
    const room = {
      name: 'standup' as RoomId,
      media: away.room,
      roster: { get: () => ({ identity: 'ada', name: 'Ada' }) },
    };
    recording = new RoomRecording({ room, running, log: silentLogger });
    await all.settle(100);
  });

  /** How often it was brought to the node that records. */
  const brought = () => away.engine.nodePipes.filter((what) => what.startsWith('receive')).length;
  const pipesOf = ({ media }: MemoryNode) => media.placementStats().nodePipes;

  test('comes for as long as the recording runs, and no longer', async () => {
    await all.settle(60_000);
    expect([brought(), recording.tracks, pipesOf(home)]).toEqual([1, 1, 1]);
    recording.close();
    await all.settle(60_000);
    expect(pipesOf(home)).toBe(0);
  });

  test('is recorded again when the worker that it came to dies', async () => {
    away.engine.killWorker(0);
    await all.settle(2_000);
    expect([brought(), recording.tracks]).toEqual([2, 1]);
  });

  test('is recorded again when the other node has lost the pipe, as soon as it can be reached', async () => {
    all.network.cut('home');
    away.engine.killWorker(0);
    await all.settle(10_000);
    expect([brought(), recording.tracks]).toEqual([1, 1]);
    all.network.mend('home');
    await all.settle(2_000);
    expect([brought(), recording.tracks]).toEqual([2, 1]);
  });

  test('is waited for no longer when it ends, or its peer is gone, or the recording ends', async () => {
    for (const end of [() => away.room.remoteTracks.peerGone(ada), () => recording.close()]) {
      all.network.cut('home');
      away.engine.killWorker(0);
      end();
      await all.settle(3_000);
      all.network.mend('home');
      await all.settle(20_000);
    }
    expect([brought(), pipesOf(away)]).toEqual([1, 0]);
    home.room.close();
    away.room.close();
    expect(all.clock.pendingTimers).toBe(0);
  });
});
