// Which server of a Redis Cluster has which slots. Source: redis.io/docs/latest/commands/cluster-slots.

import type { Reply } from './redis-connection.ts';
import type { RedisAddress } from './redis-target.ts';

export const slotCount = 16_384;

/** By slot, where its master is; undefined where nobody has it. */
export type SlotMap = readonly (RedisAddress | undefined)[];

export const addressKey = ({ host, port }: RedisAddress): string => `${host} ${port}`;

/** @param asked the server that answered: it may not know its own address. */
export function readSlots(reply: Reply, asked: RedisAddress): SlotMap {
  const map: (RedisAddress | undefined)[] = new Array(slotCount).fill(undefined);
  for (const range of list(reply)) {
    const [from, to, master] = list(range);
    const [host, port] = list(master ?? null);
    if (typeof from !== 'number' || typeof to !== 'number' || typeof port !== 'number') continue;
    const address = { host: typeof host === 'string' && host !== '' && host !== '?' ? host : asked.host, port };
    map.fill(address, Math.max(from, 0), Math.min(to, slotCount - 1) + 1);
  }
  return map;
}

const list = (reply: Reply): readonly Reply[] => (Array.isArray(reply) ? reply : []);
