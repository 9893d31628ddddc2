// What nodes count, as they tell each other: a hash in Redis of what each node told last, and when.

import type { Clock } from '../../core/clock.ts';
import { type Life, maxTallyBytes, type Tallies, type Tally } from '../directory.ts';
import { StoreError } from '../room-log.ts';
import type { Reply } from './redis-connection.ts';
import type { RedisLink } from './redis-link.ts';
import { nodesKey } from './tags.ts';
import { toStoreError } from './to-store-error.ts';

export interface RedisTalliesParts {
  readonly link: RedisLink;
  readonly prefix: string;
  readonly name: string;
  readonly life: () => Life;
  readonly isLiving: (life: Life) => boolean;
  readonly clock: Pick<Clock, 'nowMs'>;
}

const keptMs = 2 * 86_400_000;

export class RedisTallies implements Tallies {
  readonly #parts: RedisTalliesParts;

  constructor(parts: RedisTalliesParts) {
    this.#parts = parts;
  }

  async tell(text: string): Promise<readonly Tally[]> {
    if (Buffer.byteLength(text) > maxTallyBytes) throw new StoreError('corrupt', 'What the node counts is too large.');
    const { link, prefix, name, life, isLiving, clock } = this.#parts;
    const key = nodesKey(prefix, 'tallies');
    const nowMs = clock.nowMs();
    try {
      await link.call(key, 'hset', [key, name, `${nowMs} ${life()} ${text}`]);
      await link.call(key, 'pexpire', [key, String(keptMs)]);
      const nodes = toTexts(await link.call(key, 'hkeys', [key])).filter((node) => node !== name);
      if (nodes.length === 0) return [];
      const told = toTexts(await link.call(key, 'hmget', [key, ...nodes]));
      const tallies: Tally[] = [];
      const old: string[] = [];
      for (const [at, node] of nodes.entries()) {
        const [, atMs = '', of = '', what] = /^(\d+) (\S+) (.*)$/s.exec(told[at] ?? '') ?? [];
        if (what === undefined || nowMs - Number(atMs) > keptMs) old.push(node);
        else tallies.push({ name: node, living: isLiving(of), text: what });
      }
      // Of nodes that are called otherwise now.
      if (old.length > 0) await link.call(key, 'hdel', [key, ...old]);
      return tallies;
    } catch (error) {
      throw toStoreError(error);
    }
  }
}

function toTexts(reply: Reply): readonly string[] {
  return Array.isArray(reply) ? reply.map(String) : [];
}
