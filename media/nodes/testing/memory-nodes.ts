// Rooms of several nodes of one process, on engines without media, which tell each other of their tracks as signaling does.

import { FakeClock } from '../../../core/fake-clock.ts';
import type { PeerId } from '../../../core/ids.ts';
import { silentLogger } from '../../../core/log.ts';
import { createMemoryMediaEngine, type MemoryMediaEngine } from '../../../test/support/memory-media-engine.ts';
import { createMediaNetwork, type MediaNetwork } from '../../../test/support/node-media.ts';
import { mediaDefaults } from '../../../test/support/start-media.ts';
import { createMedia, type EngineMedia } from '../../create-media.ts';
import type { RoomMedia } from '../../media.ts';
import type { MediaOptions } from '../../media-options.ts';
import type { RemoteTracks } from '../../remote-tracks.ts';
import type { CreatePolicy } from '../../room-policy.ts';

export interface MemoryNode {
  readonly name: string;
  readonly engine: MemoryMediaEngine;
  readonly media: EngineMedia;
  readonly room: RoomMedia & { readonly remoteTracks: RemoteTracks };
}

export interface MemoryNodes {
  readonly clock: FakeClock;
  readonly network: MediaNetwork;
  readonly nodes: readonly MemoryNode[];
  /** The peer is on this node: the others are told, and of its tracks from now on. */
  admit(node: MemoryNode, peerId: PeerId): void;
  /** All nodes hear that this one owns the room. */
  own(node: MemoryNode, term: number): void;
  /** Calls and frames between nodes take some turns of the event loop; `ms` of the clock pass in steps of 10 behind them. */
  settle(ms?: number): Promise<void>;
}

interface MemoryNodesOptions {
  readonly options?: Partial<MediaOptions>;
  readonly policies?: (name: string) => readonly CreatePolicy[];
}

export function createMemoryNodes(
  names: readonly string[],
  { options, policies = () => [] }: MemoryNodesOptions = {},
): MemoryNodes {
  const clock = new FakeClock();
  const network = createMediaNetwork();
  const nodes = names.map((name): MemoryNode => {
    const engine = createMemoryMediaEngine({ idPrefix: `${name}-` });
    const media = createMedia({
      engine,
      options: { ...mediaDefaults, ...options },
      clock,
      log: silentLogger,
      nodes: network.join(name),
      policies: policies(name),
    });
    network.serve(name, media.forNodes);
    return { name, engine, media, room: media.openRoom('standup') as MemoryNode['room'] };
  });
  const homes = new Map<PeerId, MemoryNode>();
  const othersThan = (node: MemoryNode) => nodes.filter((other) => other !== node);
  for (const node of nodes) {
    const { events, remoteTracks } = node.room;
    const tell = ({ peerId, producer }: { peerId: PeerId; producer: Parameters<RemoteTracks['changed']>[1] }) => {
      if (homes.get(peerId) !== node) return;
      const from = { node: node.name, shape: remoteTracks.shapeOf(producer.producerId) };
      for (const other of othersThan(node)) other.room.remoteTracks.changed(peerId, producer, from);
    };
    events.on('producerAdded', tell);
    events.on('producerChanged', tell);
    events.on('reset', ({ producers }) => {
      for (const { peerId, producerId } of producers) {
        for (const other of othersThan(node)) other.room.remoteTracks.closed(peerId, producerId);
      }
    });
    events.on('producerClosed', ({ peerId, producerId }) => {
      if (homes.get(peerId) !== node) return;
      for (const other of othersThan(node)) other.room.remoteTracks.closed(peerId, producerId);
    });
  }
  const turns = async () => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  };
  return {
    clock,
    network,
    nodes,
    admit(node, peerId) {
      homes.set(peerId, node);
      for (const other of othersThan(node)) other.room.remoteTracks.peerAt(peerId, node.name);
    },
    own({ name }, term) {
      for (const node of nodes) node.room.remoteTracks.ownedBy({ node: name, isHere: node.name === name, term });
    },
    async settle(ms = 0) {
      await turns();
      for (let passed = 0; passed < ms; passed += 10) {
        clock.advance(10);
        if (passed % 100 === 0) await turns();
      }
      await turns();
    },
  };
}
