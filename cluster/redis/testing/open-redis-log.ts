// A room log on a Redis of a test, with connections of its own.

import { silentLogger } from '../../../core/log.ts';
import type { SharedLogs } from '../../contract/follow.contract.ts';
import type { RoomLog } from '../../room-log.ts';
import { openRedisLink, openSubscriber } from '../open-redis-link.ts';
import type { RedisLink } from '../redis-link.ts';
import { createRedisRoomLog } from '../redis-room-log.ts';
import { parseRedisUrl } from '../redis-target.ts';
import { loadScripts } from '../script-runner.ts';
import type { Subscriber } from '../subscriber.ts';
import { roomKey } from '../tags.ts';

const prefix = 'test';

export interface OpenRedisLog extends AsyncDisposable {
  readonly log: RoomLog;
  readonly link: RedisLink;
  readonly subscriber: Subscriber;
}

export async function openRedisLog(
  url: string,
  { origin = 'node~1', deadlineMs }: { origin?: string; deadlineMs?: number } = {},
): Promise<OpenRedisLog> {
  const target = parseRedisUrl(url);
  const deadline = deadlineMs === undefined ? {} : { deadlineMs };
  const link = openRedisLink(target, { log: silentLogger, prepare: [loadScripts], ...deadline });
  const subscriber = openSubscriber(target, { link, log: silentLogger, ...deadline });
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
export async function shareRedis(url: string): Promise<SharedLogs> {
  const lives = ['one~1', 'other~2'] as const;
  const opened = await Promise.all([openRedisLog(url, { origin: lives[0] }), openRedisLog(url, { origin: lives[1] })]);
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
