// Calls of the room log to Redis: where they go, what becomes of their failures, and that close() waits for them.

import { createSecret } from '../epochs.ts';
import { StoreError } from '../room-log.ts';
import type { Reply } from './redis-connection.ts';
import type { RedisLink } from './redis-link.ts';
import { runScript, type ScriptName } from './script-runner.ts';
import { partitionOf, tagOf, tagOfPartition } from './tags.ts';
import { toStoreError } from './to-store-error.ts';

/** A partition that has no secret gets one; whoever asks again finds it, or the next failure says what is wrong. */
const maxTries = 3;

export class StoreCalls {
  readonly prefix: string;
  readonly #link: RedisLink;
  /** Whether each call must keep to one partition. */
  readonly split: boolean;
  readonly #underWay = new Set<Promise<unknown>>();
  #closed = false;

  constructor(link: RedisLink, { prefix, split }: { prefix: string; split: boolean }) {
    this.#link = link;
    this.prefix = prefix;
    this.split = split;
  }

  /** A whole method of the port, which appends nothing or says of its failures itself what became of that. */
  async whileOpen<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new StoreError('closed', 'The room log is closed.');
    const call = work();
    this.#underWay.add(call);
    try {
      return await call;
    } catch (thrown) {
      const error = toStoreError(thrown);
      throw error === thrown || error.kind !== 'unknown'
        ? error
        : new StoreError('away', error.message, { cause: thrown });
    } finally {
      this.#underWay.delete(call);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
  }

  /**
   * A script about rooms of one tag: any, where calls are not split. The key that it names is never there. So while a Redis
   * Cluster moves the slot elsewhere, key by key, it says that this one is on the other side already, and nothing is carried
   * out: a script would take keys that have left for ones that never were.
   */
  run(name: ScriptName, tag: string, args: readonly string[]): Promise<Reply> {
    return runScript(this.#link, name, `${this.prefix}:{${tag}}:none`, [this.prefix, ...args]);
  }

  /** A script that answers null where it would have to invent an epoch. */
  async runWithEpoch(name: ScriptName, rooms: readonly string[], args: readonly string[]): Promise<Reply> {
    const tags = new Set(rooms.map(tagOf));
    const [tag = ''] = tags;
    for (let tries = 0; tries < maxTries; tries++) {
      const reply = await this.run(name, tag, args);
      if (reply !== null) return reply;
      for (const one of tags) await this.run('secret', one, [one, createSecret()]);
    }
    throw new StoreError('away', 'Redis does not keep what is written to it.');
  }

  /** One command about `key`. */
  command(name: string, key: string, args: readonly string[] = []): Promise<Reply> {
    return this.#link.call(key, name, [key, ...args]);
  }

  /** Makes calls of some items at a time, each of rooms that may share one, and answers in the order of the items. */
  async inGroups<Item, Result>(
    items: readonly Item[],
    { roomOf, atOnce }: { roomOf: (item: Item) => string; atOnce: number },
    call: (tag: string, items: readonly Item[]) => Promise<readonly Result[]>,
  ): Promise<Result[]> {
    const groups: { tag: string; at: number[] }[] = [];
    const open = new Map<string, { tag: string; at: number[] }>();
    for (const [at, item] of items.entries()) {
      const tag = this.split ? tagOfPartition(partitionOf(roomOf(item))) : '';
      let group = open.get(tag);
      if (!group || group.at.length >= atOnce) {
        group = { tag, at: [] };
        open.set(tag, group);
        groups.push(group);
      }
      group.at.push(at);
    }
    const results: Result[] = [];
    await Promise.all(
      groups.map(async ({ tag, at }) => {
        const some = at.map((place) => items[place] as Item);
        const answers = await call(tag, some);
        for (const [index, place] of at.entries()) results[place] = answers[index] as Result;
      }),
    );
    return results;
  }
}
