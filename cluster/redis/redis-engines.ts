// All that a node needs of Redis, over two connections: one for calls, one that hears.

import { type Clock, systemClock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import { type Durability, type RoomLog, StoreError } from '../room-log.ts';
import type { RedisNodeLeasesParts } from './beat.ts';
import { BusProbe } from './bus-probe.ts';
import { loadDirectoryScripts } from './directory-scripts.ts';
import { EvictionWatch } from './eviction-watch.ts';
import { openChannels, openRedisLink } from './open-redis-link.ts';
import { readDurability } from './read-durability.ts';
import { RedisBus } from './redis-bus.ts';
import { RedisDirectory } from './redis-directory.ts';
import type { RedisLink } from './redis-link.ts';
import { createRedisRoomLog } from './redis-room-log.ts';
import { parseRedisUrl } from './redis-target.ts';
import { loadScripts } from './script-runner.ts';
import type { Channels } from './subscriber.ts';

export interface RedisEngineOptions {
  /** As {@link parseRedisUrl} reads it. */
  readonly url: string;
  readonly prefix: string;
  /** Of this node. */
  readonly name: string;
  readonly leaseMs: number;
  readonly beatMs: number;
  /** Of the log. `auto`: what Redis says of itself, asked again when it is another process. */
  readonly durability: Durability | 'auto';
  /** How long appends wait while Redis cannot be reached; not at all by default. */
  readonly holdMs?: number;
  /** Publishes at the server of the room's slot alone; the same for all nodes. */
  readonly shardedPubSub?: boolean;
  readonly clock?: Clock;
  readonly log: Logger;
  /** See {@link RedisNodeLeasesParts.othersAreUp}. */
  readonly othersAreUp?: NonNullable<RedisNodeLeasesParts['othersAreUp']>;
}

export interface RedisEngines {
  readonly bus: RedisBus;
  readonly directory: RedisDirectory;
  readonly roomLog: RoomLog;
  readonly link: RedisLink;
  readonly subscriber: Channels;
  /** From publishing to hearing it, the last time; undefined before the first. */
  readonly busDelayMs: number | undefined;
  /** What Redis throws away when it is full, as in `allkeys-lru`; undefined: nothing, as it should be, or it does not tell. */
  readonly evictionPolicy: string | undefined;
  /** After the bus, the directory and the room log: the connections. */
  close(): Promise<void>;
}

/** Redis is waited for at a start, which may be that of the whole machine. */
const startMs = 10_000;

/** @throws {StoreError} away, when it cannot be reached. @throws {Error} for a URL that is none. */
export async function openRedisEngines(options: RedisEngineOptions): Promise<RedisEngines> {
  const { url, prefix, name, clock = systemClock, log } = options;
  const target = parseRedisUrl(url);
  const split = target.kind === 'cluster';
  const prepare = [loadScripts, loadDirectoryScripts];
  const sharded = options.shardedPubSub ?? false;
  const link = openRedisLink(target, { clock, log, prepare, connectionName: name, sharded });
  const subscriber = openChannels(target, { link, clock, log, connectionName: name });
  const probe = new BusProbe({ link, subscriber, prefix, clock, log });
  let eviction: EvictionWatch | undefined;
  const closeConnections = async () => {
    probe.close();
    eviction?.close();
    subscriber.close();
    await link.close();
  };
  try {
    await within(startMs, clock, Promise.all([link.whenUp(), subscriber.whenUp()]));
    const isAsked = options.durability === 'auto';
    let durability = options.durability === 'auto' ? await readDurability(link, target.kind) : options.durability;
    const askAgain = async () => {
      try {
        durability = await readDurability(link, target.kind);
      } catch (error) {
        // What is away now is asked when it is back.
        log.debug({ err: error }, 'Redis does not say how safely it keeps things');
      }
    };
    if (isAsked) link.events.on('replaced', () => void askAgain());
    eviction = new EvictionWatch({ link, clock, log });
    const directory = new RedisDirectory({ ...options, clock, link, subscriber, split });
    const parts = { link, subscriber, prefix, split, clock, log };
    return {
      bus: new RedisBus(parts),
      directory,
      roomLog: createRedisRoomLog({
        ...parts,
        ...(options.holdMs !== undefined && { holdMs: options.holdMs }),
        durability: () => durability,
        origin: () => directory.nodes.life,
        resets: directory.nodes.events,
      }),
      link,
      subscriber,
      get busDelayMs() {
        return probe.delayMs;
      },
      get evictionPolicy() {
        return eviction?.policy;
      },
      close: closeConnections,
    };
  } catch (error) {
    await closeConnections();
    throw error;
  }
}

async function within(ms: number, clock: Clock, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<Clock['after']> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = clock.after(ms, () => reject(new StoreError('away', `Redis was not reached within ${ms / 1_000} s.`)));
  });
  try {
    await Promise.race([work, late]);
  } finally {
    timer?.cancel();
  }
}
