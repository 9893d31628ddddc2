import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { MediaEngine } from './engine.ts';
import type { Media, MediaKind, MediaStats, RoomMedia } from './media.ts';
import type { MediaOptions } from './media-options.ts';
import { EngineRoomMedia } from './room-media.ts';
import type { CreatePolicy } from './room-policy.ts';

interface CreateMediaOptions {
  readonly engine: MediaEngine;
  readonly options: MediaOptions;
  readonly clock: Clock;
  readonly log: Logger;
  /** What hangs on every room, in the order in which it is told. */
  readonly policies?: readonly CreatePolicy[];
  /** The end of the turn by default. */
  readonly defer?: (run: () => void) => void;
}

/** All media of this node over an engine. Closing it closes the engine too. */
export function createMedia({
  engine,
  options,
  clock,
  log,
  policies = [],
  defer = setImmediate,
}: CreateMediaOptions): Media {
  const rooms = new Set<EngineRoomMedia>();

  function openRoom(name: string): RoomMedia {
    const room = new EngineRoomMedia({
      room: name,
      engine,
      options,
      clock,
      log,
      policies,
      defer,
      onClosed: () => rooms.delete(room),
    });
    rooms.add(room);
    return room;
  }

  function canTake(kind: MediaKind): boolean {
    const limit = kind === 'video' ? options.videoLoadLimit : options.audioLoadLimit;
    return engine.places.some(({ load }) => load < limit);
  }

  async function stats(): Promise<MediaStats> {
    const ofEngine = await engine.stats();
    const objects = { transports: 0, producers: 0, consumers: 0 };
    for (const room of rooms) {
      const { transports, producers, consumers } = room.countObjects();
      objects.transports += transports;
      objects.producers += producers;
      objects.consumers += consumers;
    }
    return { ...ofEngine, ...objects, rooms: rooms.size };
  }

  return {
    rtpCapabilities: engine.rtpCapabilities,
    announcedAddresses: engine.announcedAddresses,
    get ready() {
      return engine.ready;
    },
    openRoom,
    canTake,
    stats,
    async close() {
      for (const room of [...rooms]) room.close();
      await engine.close();
    },
  };
}
