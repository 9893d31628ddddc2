import { beforeEach, describe, expect, test } from 'vitest';
import { createPeerId, type PeerId } from '../../core/ids.ts';
import { silentLogger } from '../../core/log.ts';
import { microphone, receiveTransport, sendTransport } from '../../test/support/room-media-calls.ts';
import { opusOnly, opusParameters } from '../../test/support/rtp-parameters.ts';
import { createFloor } from '../floor/create-floor.ts';
import { createMemoryNodes, type MemoryNode, type MemoryNodes } from './testing/memory-nodes.ts';

interface Voice {
  readonly node: MemoryNode;
  readonly peerId: PeerId;
  readonly producerId: string;
}

describe('who speaks in a room on several nodes', () => {
  let all: MemoryNodes;
  let [one, two, three]: [MemoryNode, MemoryNode, MemoryNode] = [] as never;
  let [ada, ben, cleo]: [Voice, Voice, Voice] = [] as never;
  /** What each node told: who has the turn, and who is heard. */
  let turns: Map<string, (PeerId | undefined)[]>;

  beforeEach(async () => {
    all = createMemoryNodes(['one', 'two', 'three'], { policies: () => [createFloor({ log: silentLogger }).policy] });
    [one, two, three] = all.nodes as [MemoryNode, MemoryNode, MemoryNode];
    turns = new Map();
    for (const { name, room } of all.nodes) {
      const told: (PeerId | undefined)[] = [];
      turns.set(name, told);
      room.events.on('activeSpeakerChanged', ({ peerId }) => told.push(peerId));
    }
    all.own(two, 1);
    [ada, ben, cleo] = [await open(one), await open(two), await open(two)];
    const listener = createPeerId();
    all.admit(three, listener);
    await receiveTransport(three.room, listener, opusOnly);
    await all.settle();
  });

  async function open(node: MemoryNode): Promise<Voice> {
    const peerId = createPeerId();
    all.admit(node, peerId);
    const request = microphone(await sendTransport(node.room, peerId));
    const rtpParameters = { ...opusParameters(), headerExtensions: [] };
    const { producerId } = await node.room.produce(peerId, { ...request, rtpParameters });
    return { node, peerId, producerId };
  }
  /** As engines say it, for so long. */
  const hear = async (node: MemoryNode, voices: readonly (readonly [Voice, number])[], ms = 500) => {
    node.engine.hear(
      0,
      voices.map(([{ producerId }, levelDbov]) => ({ producerId, levelDbov })),
    );
    await all.settle(ms);
  };
  const speakers = () => all.nodes.map(({ room }) => room.speakers);
  const everywhere = (peerIds: readonly PeerId[]) => [peerIds, peerIds, peerIds];

  test('is the same on all of them, also where nobody speaks and nothing is received', async () => {
    await hear(one, [[ada, -30]], 200);
    await hear(two, [[ben, -40]], 200);
    expect(speakers()).toEqual(everywhere([ada.peerId, ben.peerId]));
    expect([...turns.values()]).toEqual(Array(3).fill([ada.peerId]));
    await hear(two, [[cleo, -10]], 200);
    expect([...turns.values()]).toEqual(Array(3).fill([ada.peerId, cleo.peerId]));
    await hear(one, [], 10);
    await hear(two, [], 2_000);
    expect(speakers()).toEqual(everywhere([]));
    expect([...turns.values()]).toEqual(Array(3).fill([ada.peerId, cleo.peerId, undefined]));
  });

  test('counts each voice once, by its own node, also where a copy of it is heard', async () => {
    const peerId = createPeerId();
    const transportId = await receiveTransport(two.room, peerId, opusOnly);
    await two.room.consume(peerId, { transportId, producerId: ada.producerId });
    await hear(
      two,
      [
        [ada, -1],
        [ben, -20],
      ],
      100,
    );
    await hear(one, [[ada, -40]], 100);
    expect(speakers()).toEqual(everywhere([ben.peerId, ada.peerId]));
    expect(turns.get('three')).toEqual([ada.peerId]);
  });

  test('does not end with a copy that is not needed any more', async () => {
    const peerId = createPeerId();
    const transportId = await receiveTransport(two.room, peerId, opusOnly);
    const { consumerId } = await two.room.consume(peerId, { transportId, producerId: ada.producerId });
    await hear(one, [[ada, -30]]);
    two.room.closeConsumer(peerId, consumerId);
    for (let halfSeconds = 0; halfSeconds < 20; halfSeconds += 1) await hear(one, [[ada, -30]]);
    expect(two.media.placementStats().nodePipes).toBe(0);
    expect([...turns.values()]).toEqual(Array(3).fill([ada.peerId]));
    expect(speakers()).toEqual(everywhere([ada.peerId]));
  });

  test('is whom each hears while the owner cannot be reached, and the owner’s word again after that', async () => {
    await hear(two, [[ben, -30]], 100);
    expect(three.room.speakers).toEqual([ben.peerId]);
    all.network.cut('two');
    await hear(one, [[ada, -20]], 100);
    await hear(two, [[cleo, -20]], 100);
    expect(one.room.speakers).toEqual([ada.peerId]);
    expect(two.room.speakers).not.toContain(ada.peerId);
    expect(three.room.speakers).toEqual([]);
    all.network.mend('two');
    await hear(one, [[ada, -20]], 100);
    await hear(two, [[cleo, -20]], 1_000);
    await hear(one, [[ada, -20]], 100);
    await hear(two, [[cleo, -20]], 100);
    expect(speakers().map((now) => new Set(now))).toEqual(everywhere([]).map(() => new Set([ada.peerId, cleo.peerId])));
  });

  test('goes on with the next owner when the node of one has died', async () => {
    await hear(two, [[ben, -30]], 100);
    all.network.die('two');
    for (const { room } of [one, three]) {
      for (const { peerId } of [ben, cleo]) room.remoteTracks.peerGone(peerId);
      room.remoteTracks.ownedBy({ node: 'three', isHere: room === three.room, term: 2 });
    }
    await hear(one, [[ada, -30]], 100);
    expect([one.room.speakers, three.room.speakers]).toEqual([[ada.peerId], [ada.peerId]]);
    // What was the last word of the dead one comes late.
    const late = { term: 1, number: 99, activePeerId: ben.peerId, peerIds: [ben.peerId] };
    all.network.say('two', 'one', { room: 'standup', speakers: late });
    expect(one.room.speakers).toEqual([ada.peerId]);
  });

  test('is forgotten of a node that falls silent without a word, and of one that leaves', async () => {
    await hear(one, [[ada, -30]], 100);
    one.room.close();
    await all.settle(3_000);
    expect(two.room.speakers).toEqual([]);
    expect(turns.get('three')?.at(-1)).toBeUndefined();
  });

  test('is told to a node that comes later', async () => {
    await hear(one, [[ada, -30]], 100);
    const late = createPeerId();
    three.room.remoteTracks.peerAt(ada.peerId, undefined);
    const heard: unknown[] = [];
    three.room.events.on('speakersChanged', ({ peerIds }) => heard.push(peerIds));
    all.network.cut('three');
    all.network.mend('three');
    all.admit(three, late);
    await all.settle();
    expect(three.room.speakers).toEqual([ada.peerId]);
  });

  test('is not what a node says that does not own the room, or of voices that are not its own', async () => {
    const lie = { term: 1, number: 99, activePeerId: ben.peerId, peerIds: [ben.peerId] };
    all.network.say('three', 'one', { room: 'standup', speakers: lie });
    const voices = [{ producerId: ada.producerId, level: 0, silentMs: 0 }];
    const heard = { room: 'standup', voicesHeard: { voices, speakerProducerId: ada.producerId } };
    all.network.say('three', 'two', heard);
    all.network.say('stranger', 'two', heard);
    await all.settle(100);
    expect(speakers()).toEqual(everywhere([]));
    expect([...turns.values()]).toEqual([[], [], []]);
  });
});
