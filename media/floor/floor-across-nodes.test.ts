import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPeerId, type PeerId } from '../../core/ids.ts';
import { microphone, receiveTransport, sendTransport } from '../../test/support/room-media-calls.ts';
import { opusOnly, opusParameters } from '../../test/support/rtp-parameters.ts';
import { audioLevelUri } from '../mixer/rtp/header-extensions.ts';
import { createMemoryNodes, type MemoryNode, type MemoryNodes } from '../nodes/testing/memory-nodes.ts';
import type { RoomConsumer } from '../room-consumer.ts';
import { FloorPolicy } from './floor-policy.ts';
import type { LevelSource, OnLevel } from './level-source.ts';

interface Voice {
  readonly node: MemoryNode;
  readonly peerId: PeerId;
  readonly producerId: string;
}

/** Levels that a test says, of all nodes. */
const watched = new Map<string, OnLevel>();
const levels: LevelSource = {
  canRead: ({ rtpParameters }) => rtpParameters.headerExtensions.some(({ uri }) => uri === audioLevelUri),
  async watch({ id }, _router, onLevel) {
    watched.set(id, onLevel);
    return () => watched.delete(id);
  },
};

describe('the floor of a room on several nodes', () => {
  let all: MemoryNodes;
  let [one, two, three]: [MemoryNode, MemoryNode, MemoryNode] = [] as never;
  const consumers = new Map<string, RoomConsumer>();

  beforeEach(() => {
    watched.clear();
    const policies = () => [
      (context: ConstructorParameters<typeof FloorPolicy>[0]) =>
        new FloorPolicy(context, { levels, counts: { switches: 0 }, onClosed: () => {} }),
      () => ({ consumerAdded: (made: RoomConsumer) => void consumers.set(made.id, made), close: () => {} }),
    ];
    all = createMemoryNodes(['one', 'two', 'three'], { options: { loudestSpeakers: 2 }, policies });
    [one, two, three] = all.nodes as [MemoryNode, MemoryNode, MemoryNode];
    for (const { engine } of all.nodes) {
      const headerExtensions = opusParameters().headerExtensions.map(({ uri, id: preferredId }) => {
        return { kind: 'audio' as const, uri, preferredId, preferredEncrypt: false, direction: 'sendrecv' as const };
      });
      Object.assign(engine, { rtpCapabilities: { codecs: [], headerExtensions } });
    }
    all.own(one, 1);
  });
  afterEach(() => {
    for (const { room } of all.nodes) room.close();
    expect(all.clock.pendingTimers).toBe(0);
  });

  async function open(node: MemoryNode, { readable = true, paused = false } = {}): Promise<Voice> {
    const peerId = createPeerId();
    all.admit(node, peerId);
    const request = microphone(await sendTransport(node.room, peerId));
    const rtpParameters = { ...request.rtpParameters, ...(!readable && { headerExtensions: [] }) };
    const { producerId } = await node.room.produce(peerId, { ...request, rtpParameters, paused });
    await all.settle();
    return { node, peerId, producerId };
  }

  /** Packets of these voices, at these levels, for so long. */
  async function speak(said: readonly (readonly [Voice, number])[], ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 20) {
      for (const [{ producerId }, levelDbov] of said) watched.get(producerId)?.(levelDbov);
      await all.settle(20);
    }
  }

  /** Somebody on a node who receives all of these: answers whose sound reaches them. */
  async function listen(node: MemoryNode, voices: readonly Voice[]): Promise<() => boolean[]> {
    const peerId = createPeerId();
    all.admit(node, peerId);
    const transportId = await receiveTransport(node.room, peerId, opusOnly);
    const received: RoomConsumer[] = [];
    for (const { producerId } of voices) {
      const { consumerId } = await node.room.consume(peerId, { transportId, producerId });
      await node.room.resumeConsumer(peerId, consumerId);
      received.push(consumers.get(consumerId)!);
    }
    await all.settle();
    return () => received.map(({ flows }, at) => flows && comes(voices[at]!, node));
  }

  /** Whether it is sent to the node at all. */
  function comes({ node, producerId }: Voice, to: MemoryNode): boolean {
    if (node === to) return true;
    // As last asked of the engine: one test has one listener on another node.
    const asked = node.engine.nodePipes.filter(
      (what) => /^(send|hold|flow)/.test(what) && what.endsWith(` ${producerId}`),
    );
    return asked.length > 0 && !asked.at(-1)!.startsWith('hold');
  }

  test('has as many places as on one, and what has none does not cross', async () => {
    const voices = [await open(one), await open(two), await open(two), await open(one)];
    const [ada, ben, cleo, dan] = voices as [Voice, Voice, Voice, Voice];
    const [here, there] = [await listen(one, voices), await listen(two, voices)];
    await speak([[ada, -30]], 200);
    await speak([[cleo, -30]], 200);
    expect([here(), there()]).toEqual(Array(2).fill([true, false, true, false]));
    await all.settle(2_000);
    await speak([[dan, -30]], 40);
    await speak([[ben, -30]], 40);
    expect([here(), there()]).toEqual(Array(2).fill([false, true, false, true]));
  });

  test('is given within 60 ms of an onset on a node that does not decide', async () => {
    const voices = [await open(one), await open(one), await open(two)];
    const flows = await listen(one, voices);
    await all.settle(5_000);
    expect(flows()).toEqual([true, true, false]);
    await speak([[voices[2]!, -30]], 20);
    expect(flows()[2]).toBe(true);
  });

  test('is kept by who speaks on any node, but for somebody who is clearly louder', async () => {
    const voices = [await open(one), await open(two), await open(three)];
    const [ada, ben, cleo] = voices as [Voice, Voice, Voice];
    const flows = await listen(one, voices);
    await speak(
      [
        [ada, -30],
        [ben, -30],
      ],
      800,
    );
    await speak(
      [
        [ada, -30],
        [ben, -30],
        [cleo, -26],
      ],
      1_000,
    );
    expect(flows()).toEqual([true, true, false]);
    await speak(
      [
        [ada, -30],
        [ben, -32],
        [cleo, -18],
      ],
      1_000,
    );
    expect(flows()).toEqual([true, false, true]);
  });

  test('goes to a node that only listens as it goes to the others', async () => {
    const voices = [await open(one), await open(two), await open(two)];
    const flows = await listen(three, voices);
    await speak(
      [
        [voices[1]!, -30],
        [voices[2]!, -30],
      ],
      100,
    );
    await all.settle(2_000);
    await speak(
      [
        [voices[1]!, -30],
        [voices[2]!, -30],
      ],
      100,
    );
    expect(flows()).toEqual([false, true, true]);
  });

  test('is decided by each node for its own once the owner is silent for a second, and by the next owner after that', async () => {
    const voices = [await open(one), await open(one), await open(two), await open(two), await open(two)];
    const flows = await listen(two, voices);
    await all.settle(2_000);
    await speak(
      [
        [voices[0]!, -30],
        [voices[1]!, -30],
      ],
      200,
    );
    expect(flows()).toEqual([true, true, false, false, false]);
    all.network.cut('one');
    await speak(
      [
        [voices[2]!, -30],
        [voices[4]!, -30],
      ],
      1_600,
    );
    expect(flows().slice(2)).toEqual([true, false, true]);
    // Those at one are decided there, and still come.
    expect(flows().slice(0, 2)).toEqual([true, true]);
    all.network.mend('one');
    all.own(two, 2);
    await speak(
      [
        [voices[2]!, -30],
        [voices[4]!, -30],
      ],
      500,
    );
    expect(flows()).toEqual([false, false, true, false, true]);
  });

  test('of an owner who was asleep holds no longer than the term of the one who took over', async () => {
    const voices = [await open(one), await open(two), await open(three)];
    const flows = await listen(three, voices);
    two.room.remoteTracks.ownedBy({ node: 'two', isHere: true, term: 2 });
    three.room.remoteTracks.ownedBy({ node: 'two', isHere: false, term: 2 });
    await speak(
      [
        [voices[1]!, -30],
        [voices[2]!, -30],
      ],
      600,
    );
    await all.settle(2_000);
    await speak(
      [
        [voices[1]!, -30],
        [voices[2]!, -30],
      ],
      400,
    );
    // One has heard of the higher term by the floor itself.
    expect(flows()).toEqual([false, true, true]);
    all.network.say('one', 'three', { room: 'standup', floor: { term: 1, number: 900, producerIds: [] } });
    all.network.say('one', 'three', { room: 'standup', floor: { term: 2, number: 900, producerIds: [] } });
    await all.settle();
    expect(flows()).toEqual([false, true, true]);
  });

  test('is everybody’s on all nodes when few are left', async () => {
    const voices = [await open(one), await open(two), await open(two)];
    const flows = await listen(one, voices);
    await speak([[voices[0]!, -30]], 100);
    expect(flows().filter(Boolean)).toHaveLength(2);
    await one.room.pauseProducer(voices[0]!.peerId, voices[0]!.producerId);
    await all.settle(11_000);
    expect(flows()).toEqual([true, true, true]);
    expect(watched.size).toBe(0);
  });

  test('costs nobody their voice whose level cannot be read on another node', async () => {
    const voices = [await open(one), await open(one), await open(two, { readable: false }), await open(two)];
    const flows = await listen(one, voices);
    await speak(
      [
        [voices[0]!, -30],
        [voices[1]!, -30],
      ],
      400,
    );
    expect(flows()).toEqual([true, true, true, false]);
  });

  test('takes no word of a node for voices of another', async () => {
    const voices = [await open(one), await open(two), await open(two)];
    const [, ben, cleo] = voices as [Voice, Voice, Voice];
    const flows = await listen(three, voices);
    await speak(
      [
        [ben, -30],
        [cleo, -30],
      ],
      200,
    );
    await all.settle(2_000);
    await speak(
      [
        [ben, -30],
        [cleo, -30],
      ],
      200,
    );
    const lie = {
      voices: [{ producerId: cleo.producerId, level: 0, silentMs: 0 }],
      exemptProducerIds: [voices[0]!.producerId],
    };
    for (let times = 0; times < 50; times += 1) all.network.say('three', 'one', { room: 'standup', levels: lie });
    await all.settle();
    expect(flows()).toEqual([false, true, true]);
  });
});
