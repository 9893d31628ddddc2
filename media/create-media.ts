import { randomInt } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import { LoadLimits, type Refused } from './admission.ts';
import { type PlacementLimits, placementLimits } from './choose-place.ts';
import type { MediaEngine } from './engine.ts';
import type { Media, MediaStats, RoomMedia } from './media.ts';
import type { MediaOptions } from './media-options.ts';
import type { NodeTracks, OtherNodes } from './nodes/node-tracks.ts';
import { serveNodes } from './nodes/serve-nodes.ts';
import { Placement } from './placement.ts';
import { EngineRoomMedia } from './room-media.ts';
import type { CreatePolicy } from './room-policy.ts';

/** So that epochs have room to grow. */
const maxFirstEpoch = 2 ** 30;

interface CreateMediaOptions {
  readonly engine: MediaEngine;
  readonly options: MediaOptions;
  readonly clock: Clock;
  readonly log: Logger;
  /** What hangs on every room, in the order in which it is told. */
  readonly policies?: readonly CreatePolicy[];
  /** The end of the turn by default. */
  readonly defer?: (run: () => void) => void;
  /** When a room goes on at another worker. */
  readonly placementLimits?: PlacementLimits | undefined;
  /** Told when all of a room that had lost a worker have a transport up again, or have left: how long that took. */
  readonly onRecovered?: (seconds: number) => void;
  /** Undefined: this node is the only one. */
  readonly nodes?: OtherNodes | undefined;
}

/** How rooms lie on the workers. */
export interface PlacementStats {
  /** Routers of rooms, edge routers among them. */
  readonly routers: number;
  readonly pipes: number;
  /** To and from other nodes. */
  readonly nodePipes: number;
  /** Tracks that go to other nodes, each node counted, and copies of theirs. */
  readonly nodeTracks: { readonly sent: number; readonly received: number };
  readonly refused: Readonly<Record<Refused, number>>;
  /** Cores that are promised and not measured yet, by place. */
  readonly promised: ReadonlyMap<number, number>;
}

export interface EngineMedia extends Media {
  placementStats(): PlacementStats;
  /** What other nodes ask of this one. */
  readonly forNodes: NodeTracks;
}

/** All media of this node over an engine. Closing it closes the engine too. */
export function createMedia({
  engine,
  options,
  clock,
  log,
  policies = [],
  defer = setImmediate,
  placementLimits: whenFull = placementLimits,
  onRecovered = () => {},
  nodes,
}: CreateMediaOptions): EngineMedia {
  const rooms = new Set<EngineRoomMedia>();
  const byName = new Map<string, EngineRoomMedia>();
  const placement = new Placement({ engine, clock, limits: whenFull });
  const limits = new LoadLimits({ engine, options, clock });

  function openRoom(name: string): RoomMedia {
    const room = new EngineRoomMedia({
      room: name,
      engine,
      options,
      clock,
      log,
      policies,
      defer,
      placement,
      limits,
      nodes,
      // A client that goes on at another node sees by it that what it had is gone.
      firstEpoch: nodes ? randomInt(1, maxFirstEpoch) : 1,
      onRecovered,
      onClosed: () => {
        rooms.delete(room);
        if (byName.get(name) === room) byName.delete(name);
      },
    });
    rooms.add(room);
    byName.set(name, room);
    return room;
  }

  const unsubscribes = nodes
    ? [
        nodes.events.on('back', ({ node }) => {
          for (const room of rooms) room.remoteTracks?.nodeBack(node);
        }),
        nodes.events.on('up', ({ node }) => {
          for (const room of rooms) {
            room.remoteTracks?.nodeUp(node);
            room.roomNodes?.linkChanged(node);
          }
        }),
        nodes.events.on('down', ({ node }) => {
          for (const room of rooms) room.roomNodes?.linkChanged(node);
        }),
        nodes.events.on('frame', ({ node, frame }) => byName.get(frame.room)?.heard(node, frame)),
        nodes.events.on('died', ({ node }) => {
          for (const { remoteTracks, nodeOutlets, roomNodes } of rooms) {
            roomNodes?.nodeDied(node);
            remoteTracks?.nodeDied(node);
            nodeOutlets?.nodeDied(node);
          }
        }),
      ]
    : [];

  async function stats(): Promise<MediaStats> {
    const ofEngine = await engine.stats();
    const transportsBy = { udp: 0, tcp: 0, none: 0 };
    const objects = { transports: 0, transportsBy, producers: 0, consumers: 0 };
    for (const room of rooms) {
      const { transports, transportsBy: by, producers, consumers } = room.countObjects();
      objects.transports += transports;
      for (const protocol of ['udp', 'tcp', 'none'] as const) transportsBy[protocol] += by[protocol];
      objects.producers += producers;
      objects.consumers += consumers;
    }
    return { ...ofEngine, ...objects, rooms: rooms.size };
  }

  function placementStats(): PlacementStats {
    const spreads = [...rooms].map(({ spread }) => spread);
    return {
      routers: spreads.reduce((sum, { routers }) => sum + routers, 0),
      pipes: spreads.reduce((sum, { pipes }) => sum + pipes, 0),
      nodePipes: spreads.reduce((sum, { nodePipes }) => sum + nodePipes, 0),
      nodeTracks: {
        sent: spreads.reduce((sum, { nodeTracks }) => sum + nodeTracks.sent, 0),
        received: spreads.reduce((sum, { nodeTracks }) => sum + nodeTracks.received, 0),
      },
      refused: { ...limits.refused },
      promised: placement.promised(),
    };
  }

  return {
    rtpCapabilities: engine.rtpCapabilities,
    announcedAddresses: engine.announcedAddresses,
    get ready() {
      return engine.ready;
    },
    openRoom,
    stats,
    placementStats,
    forNodes: serveNodes((name) => byName.get(name)),
    async close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
      for (const room of [...rooms]) room.close();
      await engine.close();
    },
  };
}
