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

/** Where a key is, as in `MOVED 3999 127.0.0.1:6381`. */
export function readMoved(message: string): RedisAddress | undefined {
  const match = /^MOVED \d+ (\S+):(\d+)$/.exec(message);
  return match?.[1] && match[2] ? { host: match[1], port: Number(match[2]) } : undefined;
}

const list = (reply: Reply): readonly Reply[] => (Array.isArray(reply) ? reply : []);
