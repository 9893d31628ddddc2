import { beforeEach, describe, expect, test } from 'vitest';
import { createPeerId, type PeerId } from '../../core/ids.ts';
import { microphone, receiveTransport, sendTransport } from '../../test/support/room-media-calls.ts';
import { opusOnly, opusParameters } from '../../test/support/rtp-parameters.ts';
import { createMemoryNodes, type MemoryNode, type MemoryNodes } from './testing/memory-nodes.ts';

interface Person {
  readonly node: MemoryNode;
  readonly peerId: PeerId;
  readonly producerId: string;
  readonly transportId: string;
}

describe('the pipe of a room between two nodes', () => {
  let all: MemoryNodes;
  let [one, two]: [MemoryNode, MemoryNode] = [] as never;
  let [ada, ben]: [Person, Person] = [] as never;

  beforeEach(async () => {
    all = createMemoryNodes(['one', 'two']);
    [one, two] = all.nodes as [MemoryNode, MemoryNode];
    [ada, ben] = [await enter(one), await enter(two)];
  });

  async function enter(node: MemoryNode): Promise<Person> {
    const peerId = createPeerId();
    all.admit(node, peerId);
    const request = microphone(await sendTransport(node.room, peerId));
    const rtpParameters = { ...opusParameters(), headerExtensions: [] };
    const { producerId } = await node.room.produce(peerId, { ...request, rtpParameters });
    return { node, peerId, producerId, transportId: await receiveTransport(node.room, peerId, opusOnly) };
  }
  const hear = async ({ node, peerId, transportId }: Person, { producerId }: Person) => {
    const { consumerId } = await node.room.consume(peerId, { transportId, producerId });
    await node.room.resumeConsumer(peerId, consumerId);
    return () => node.room.closeConsumer(peerId, consumerId);
  };
  const pipes = () => all.nodes.map(({ media }) => media.placementStats().nodePipes);
  const tracks = () => all.nodes.map(({ media }) => media.placementStats().nodeTracks);
  const opened = () => all.network.calls.filter((call) => call.startsWith('openPipe')).length;
  const both = { sent: 1, received: 1 };

  test('is one for both directions, and stays while either is in use', async () => {
    const silence = await hear(ada, ben);
    const adaIsNotHeard = await hear(ben, ada);
    expect([pipes(), tracks(), opened()]).toEqual([[1, 1], [both, both], 1]);
    silence();
    await all.settle(60_000);
    expect([pipes(), tracks()]).toEqual([
      [1, 1],
      [
        { sent: 1, received: 0 },
        { sent: 0, received: 1 },
      ],
    ]);
    const silenceAgain = await hear(ada, ben);
    expect([pipes(), tracks(), opened()]).toEqual([[1, 1], [both, both], 1]);
    adaIsNotHeard();
    await all.settle(60_000);
    expect(pipes()).toEqual([1, 1]);
    silenceAgain();
    await all.settle(60_000);
    expect(pipes()).toEqual([0, 0]);
  });

  test('is two where both open one at once, and one of them again when it is not used', async () => {
    const [silence] = await Promise.all([hear(ada, ben), hear(ben, ada)]);
    expect(pipes()).toEqual([2, 2]);
    silence();
    await all.settle(60_000);
    expect(pipes()).toEqual([1, 1]);
    await hear(ada, ben);
    expect([pipes(), tracks()]).toEqual([
      [1, 1],
      [both, both],
    ]);
  });

  test.each([
    ['opened it', () => one],
    ['did not', () => two],
  ])('is made anew for both directions when the worker of who %s dies', async (_who, nodeOf) => {
    await hear(ada, ben);
    await hear(ben, ada);
    const node = nodeOf();
    const [dead, other] = node === one ? [ada, ben] : [ben, ada];
    node.engine.killWorker(0);
    await all.settle(100);
    expect(pipes()).toEqual([0, 0]);
    for (const { room } of all.nodes) if (room !== node.room) room.remoteTracks.peerGone(dead.peerId);
    const back = await enter(node);
    await hear(back, other);
    await hear(other, back);
    expect([pipes(), tracks()]).toEqual([
      [1, 1],
      [both, both],
    ]);
  });

  test.each([
    ['opened it', 'one', 'two'],
    ['did not', 'two', 'one'],
  ])(
    'that who %s has lost without a word is found out by the other, for both directions',
    async (_who, loser, finder) => {
      await hear(ada, ben);
      await hear(ben, ada);
      // All that one of them knew of the other.
      const node = loser === 'one' ? one : two;
      all.network.forget(loser, finder);
      expect(node.media.placementStats().nodePipes).toBe(0);
      all.network.mend(loser);
      await all.settle(100);
      const [first, second] = loser === 'one' ? [ben, ada] : [ada, ben];
      await hear(first, second);
      await hear(second, first);
      expect([pipes(), tracks()]).toEqual([
        [1, 1],
        [both, both],
      ]);
    },
  );
});
