import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { createPeerId, type PeerId } from '../../core/ids.ts';
import { silentLogger } from '../../core/log.ts';
import { createRandom, oneOf } from '../../test/support/random.ts';
import { microphone, receiveTransport, sendTransport } from '../../test/support/room-media-calls.ts';
import { opusOnly, opusParameters } from '../../test/support/rtp-parameters.ts';
import { createFloor } from '../floor/create-floor.ts';
import { createLayerPolicies } from '../layers/create-layer-policies.ts';
import { createMemoryNodes, type MemoryNode, type MemoryNodes } from './testing/memory-nodes.ts';

interface Person {
  readonly node: MemoryNode;
  readonly peerId: PeerId;
  readonly transportId: string;
}

function startNodes(): MemoryNodes {
  return createMemoryNodes(['one', 'two', 'three'], {
    options: { dynacast: true, loudestSpeakers: 2 },
    policies: () => [
      ...createLayerPolicies({ clock: new FakeClock(), options: { statsReadsPerSecond: 0 } }).policies,
      createFloor({ log: silentLogger }).policy,
    ],
  });
}

async function enter(all: MemoryNodes, node: MemoryNode): Promise<Person> {
  const peerId = createPeerId();
  all.admit(node, peerId);
  const request = microphone(await sendTransport(node.room, peerId));
  await node.room.produce(peerId, { ...request, rtpParameters: { ...opusParameters(), headerExtensions: [] } });
  return { node, peerId, transportId: await receiveTransport(node.room, peerId, opusOnly) };
}

function leave(all: MemoryNodes, { node, peerId }: Person): void {
  node.room.removePeer(peerId);
  for (const other of all.nodes) {
    if (other === node) continue;
    other.room.remoteTracks.peerAt(peerId, undefined);
    other.room.remoteTracks.peerGone(peerId);
  }
}

/** Unless it has ended. */
function closeConsumer({ node, peerId }: Person, consumerId: string): void {
  try {
    node.room.closeConsumer(peerId, consumerId);
  } catch {
    // With its worker.
  }
}

/** Ends of pipes, and tracks on them, that were opened and not closed. */
function leftIn({ engine }: MemoryNode): Record<string, number> {
  const count = (word: string) => engine.nodePipes.filter((what) => what.startsWith(`${word} `)).length;
  return {
    pipes: count('open') - count('close'),
    sent: count('send') - count('stop'),
    received: count('receive') - count('end'),
  };
}

const nothing = { pipes: 0, sent: 0, received: 0 };
const noPipes = { nodePipes: 0, nodeTracks: { sent: 0, received: 0 } };

describe('pipes and tracks between nodes', () => {
  test.each([1, 2, 3, 4, 5, 6])(
    'leave nothing when everybody has left, whatever happened before (%i)',
    async (seed) => {
      const all = startNodes();
      const random = createRandom(seed);
      const below = (limit: number) => Math.floor(random() * limit);
      const people = [];
      for (const node of all.nodes) people.push(await enter(all, node), await enter(all, node));
      for (let step = 0; step < 80; step += 1) {
        const person = oneOf(random, people);
        const { node, peerId, transportId } = person;
        const chance = below(22);
        if (chance < 12) {
          const { producer } = oneOf(random, node.room.allProducers());
          const made = await Promise.race([
            node.room.consume(peerId, { transportId, producerId: producer.producerId }).catch(() => undefined),
            all.settle(50),
          ]);
          const then = below(3);
          if (made && then === 0) closeConsumer(person, made.consumerId);
          if (made && then === 1) await node.room.resumeConsumer(peerId, made.consumerId).catch(() => {});
        } else if (chance < 14) {
          leave(all, person);
          people.splice(people.indexOf(person), 1, await enter(all, oneOf(random, all.nodes)));
        } else if (chance === 14) {
          all.network.cut(oneOf(random, all.nodes).name);
        } else if (chance < 18) {
          all.network.mend(oneOf(random, all.nodes).name);
        } else if (chance === 18) {
          all.own(oneOf(random, all.nodes), step + 2);
        } else if (chance === 19) {
          const { name } = oneOf(random, all.nodes);
          all.network.forget(
            name,
            oneOf(
              random,
              all.nodes.filter((other) => other.name !== name),
            ).name,
          );
        } else if (chance === 20) {
          node.engine.killWorker(0);
          await all.settle(10);
          for (const lost of people.filter((one) => one.node === node)) {
            leave(all, lost);
            people.splice(people.indexOf(lost), 1, await enter(all, node));
          }
        } else {
          await all.settle(below(7_000));
        }
      }
      for (const { name } of all.nodes) all.network.mend(name);
      for (const person of people) leave(all, person);
      await all.settle(60_000);
      for (const node of all.nodes) {
        expect(node.media.placementStats()).toMatchObject(noPipes);
        expect(leftIn(node)).toEqual(nothing);
        expect(node.room.allProducers()).toEqual([]);
        node.room.close();
      }
      expect(all.clock.pendingTimers).toBe(0);
    },
  );

  test('leave nothing of a node that died', async () => {
    const all = startNodes();
    const [one, two, three] = all.nodes as [MemoryNode, MemoryNode, MemoryNode];
    const people = [await enter(all, one), await enter(all, two), await enter(all, three)];
    for (const { node, peerId, transportId } of people) {
      for (const { peerId: from, producer } of node.room.allProducers()) {
        if (from === peerId) continue;
        const { consumerId } = await node.room.consume(peerId, { transportId, producerId: producer.producerId });
        await node.room.resumeConsumer(peerId, consumerId);
      }
    }
    const pipesOf = (node: MemoryNode) => node.media.placementStats().nodePipes;
    const tracksOf = (node: MemoryNode) => node.media.placementStats().nodeTracks;
    expect(all.nodes.map(pipesOf)).toEqual([2, 2, 2]);
    expect(all.nodes.map(tracksOf)).toEqual(Array(3).fill({ sent: 2, received: 2 }));
    all.network.die('three');
    for (const { room } of [one, two]) room.remoteTracks.peerGone(people[2]!.peerId);
    await all.settle(60_000);
    expect([one, two].map(pipesOf)).toEqual([1, 1]);
    expect([one, two].map(leftIn)).toEqual(Array(2).fill({ pipes: 1, sent: 1, received: 1 }));
    for (const person of people.slice(0, 2)) leave(all, person);
    await all.settle(60_000);
    expect([one, two].map(leftIn)).toEqual([nothing, nothing]);
  });
});
