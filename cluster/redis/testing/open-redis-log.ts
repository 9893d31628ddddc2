// A room log on a Redis of a test, with connections of its own.

import { silentLogger } from '../../../core/log.ts';
import type { SharedLogs } from '../../contract/follow.contract.ts';
import type { RoomLog } from '../../room-log.ts';
import { openChannels, openRedisLink } from '../open-redis-link.ts';
import type { RedisLink } from '../redis-link.ts';
import { createRedisRoomLog } from '../redis-room-log.ts';
import { parseRedisUrl } from '../redis-target.ts';
import { loadScripts } from '../script-runner.ts';
import type { Channels } from '../subscriber.ts';
import { roomKey } from '../tags.ts';

const prefix = 'test';

export interface OpenRedisLog extends AsyncDisposable {
  readonly log: RoomLog;
  readonly link: RedisLink;
  readonly subscriber: Channels;
}

export async function openRedisLog(
  url: string,
  { origin = 'node~1', deadlineMs, sharded = false }: { origin?: string; deadlineMs?: number; sharded?: boolean } = {},
): Promise<OpenRedisLog> {
  const target = parseRedisUrl(url);
  const deadline = deadlineMs === undefined ? {} : { deadlineMs };
  const link = openRedisLink(target, { log: silentLogger, prepare: [loadScripts], sharded, ...deadline });
  const subscriber = openChannels(target, { link, log: silentLogger, ...deadline });
  await Promise.all([link.whenUp(), subscriber.whenUp()]);
  const log = createRedisRoomLog({
    link,
    subscriber,
    prefix,
    split: target.kind === 'cluster',
    origin: () => origin,
    durability: () => 'memory',
    log: silentLogger,
  });
  const close = async () => {
    await log.close();
    await link.close();
    subscriber.close();
  };
  const owned: RoomLog = {
    ...log,
    get state() {
      return log.state;
    },
    close,
  };
  return { log: owned, link, subscriber, [Symbol.asyncDispose]: close };
}

/** Two nodes on one Redis. */
export async function shareRedis(url: string, { sharded = false } = {}): Promise<SharedLogs> {
  const lives = ['one~1', 'other~2'] as const;
  const opened = await Promise.all([
    openRedisLog(url, { origin: lives[0], sharded }),
    openRedisLog(url, { origin: lives[1], sharded }),
  ]);
  const [one, other] = opened;
  return {
    one: { log: one.log, life: lives[0] },
    other: { log: other.log, life: lives[1] },
    nextTerm: async (room) => {
      const key = roomKey(prefix, 'o', room);
      return Number(await one.link.call(key, 'HINCRBY', [key, 'term', '1']));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((it) => it[Symbol.asyncDispose]()));
    },
  };
}
