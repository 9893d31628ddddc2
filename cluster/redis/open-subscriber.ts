import { openConnection } from './open-connection.ts';
import type { LinkOptions } from './redis-link.ts';
import type { RedisTarget } from './redis-target.ts';
import { Subscriber } from './subscriber.ts';

/** Connects at once, and again for as long as it is not closed. */
export function openSubscriber(target: RedisTarget, options: Omit<LinkOptions, 'prepare'>): Subscriber {
  const { clock, deadlineMs, connectionName, log } = options;
  const connection = {
    ...(clock ? { clock } : {}),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(connectionName === undefined ? {} : { connectionName }),
  };
  return new Subscriber(() => openConnection(target, connection), { log, ...(clock ? { clock } : {}) });
}
