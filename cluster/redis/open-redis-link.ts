import { MasterLink } from './master-link.ts';
import { openConnection } from './open-connection.ts';
import type { LinkOptions, RedisLink } from './redis-link.ts';
import type { RedisTarget } from './redis-target.ts';

/** Connects at once, and again for as long as it is not closed. */
export function openRedisLink(target: RedisTarget, options: LinkOptions): RedisLink {
  const { clock, deadlineMs, connectionName } = options;
  const open = () =>
    openConnection(target, {
      ...(clock ? { clock } : {}),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      ...(connectionName === undefined ? {} : { connectionName }),
    });
  return new MasterLink(open, options);
}
