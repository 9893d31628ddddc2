// The room log in Redis: every node appends to it by itself, and hears of what others append by the channel of the room.

import { type Clock, systemClock } from '../../core/clock.ts';
import { Emitter, type Listening } from '../../core/events.ts';
import type { Logger } from '../../core/log.ts';
import { createEpoch, createSecret } from '../epochs.ts';
import type { AppendResult, Durability, LogNews, NewRecord, RoomLog, RoomLogEvents, Watermark } from '../room-log.ts';
import { HeldAppends } from './held-appends.ts';
import { packAppends } from './pack-appends.ts';
import { readPublished } from './read-push.ts';
import { arrayOf, readAppended, readHead, readPairs } from './read-replies.ts';
import type { RedisLink } from './redis-link.ts';
import { readRoom, searchRoom, toNumber } from './room-reads.ts';
import { StoreCalls } from './store-calls.ts';
import type { Channels } from './subscriber.ts';
import { partitions, roomChannel, roomKey, tagOf, tagOfPartition } from './tags.ts';
import { toStoreError } from './to-store-error.ts';

export interface RedisRoomLogParts {
  /** With `loadScripts` among what it prepares. Who opened it closes it, after the log. */
  readonly link: RedisLink;
  readonly subscriber: Pick<Channels, 'subscribe' | 'events'>;
  /** The directory's: Redis may lose everything without the process being another one. */
  readonly resets?: Listening<{ reset: Record<never, never> }>;
  /** Of all keys and channels. */
  readonly prefix: string;
  /** Whether it is a Redis Cluster: a script keeps to one slot there. */
  readonly split: boolean;
  /** The life of this node now; pushes name it. */
  readonly origin: () => string;
  readonly durability: () => Durability;
  /** How long appends wait while Redis cannot be reached; not at all by default. */
  readonly holdMs?: number;
  readonly log: Logger;
  readonly clock?: Clock;
}

/** Of each call Redis, its caller and every node that follows one of the rooms wake up, for one record as for many. */
const appendEveryMs = 8;
const roomsAtOnce = 50;
const readersAtOnce = 16;
const marksAtOnce = 256;
/** Two thousand changes of places and a header each: about a millisecond. */
const trimAtOnce = 256;
const maxWatermarks = 1_000;

export function createRedisRoomLog(parts: RedisRoomLogParts): RoomLog {
  const { link, subscriber, prefix, split, origin, durability, log, clock = systemClock, holdMs = 0 } = parts;
  const calls = new StoreCalls(link, { prefix, split });
  const followers = new Set<LogNews>();
  const events = new Emitter<RoomLogEvents>((error) => log.error({ err: error }, 'a listener of the room log failed'));

  const ends = [
    link.events.on('stateChanged', ({ state }) => events.emit('stateChanged', { state, sinceMs: clock.nowMs() })),
    // Another process has taken the place of the one before: it may have less than that.
    link.events.on('replaced', () => events.emit('rewound', {})),
    parts.resets?.on('reset', () => events.emit('rewound', {})),
    subscriber.events.on('restored', () => {
      for (const news of [...followers]) news.interrupted();
    }),
  ];

  async function append(records: readonly NewRecord[]): Promise<readonly AppendResult[]> {
    const results: AppendResult[] = [];
    const errors = await Promise.all(
      packAppends(records, split).map(async (call) => {
        try {
          const reply = await calls.run('append', call.tag, [origin(), createSecret(), ...call.args]);
          readAppended(reply, call, (at) => records[at] as NewRecord, results);
          return undefined;
        } catch (thrown) {
          const error = toStoreError(thrown);
          for (const at of call.rooms.flat()) results[at] = { outcome: 'failed', error };
          return error;
        }
      }),
    );
    const [first] = errors;
    // What is thrown is said of all of them: of `away` that it may be sent again.
    if (first && errors.every((error) => error?.kind === first.kind)) throw first;
    return results;
  }

  const held = new HeldAppends({ append, link, holdMs, clock });

  async function follow(room: string, news: LogNews): Promise<() => void> {
    const end = await subscriber.subscribe(roomChannel(prefix, room), (message) => {
      const published = readPublished(room, message);
      if (published === undefined) return;
      if ('pushed' in published) news.pushed(published.pushed);
      else news.trimmed(published.trimmed);
    });
    followers.add(news);
    return () => {
      followers.delete(news);
      end();
    };
  }

  async function watermarksOf(who: readonly { room: string; identity: string }[]): Promise<Watermark[]> {
    const rooms = new Map<string, Set<string>>();
    for (const { room, identity } of who) rooms.set(room, (rooms.get(room) ?? new Set()).add(identity));
    const known = new Map<string, ReadonlyMap<string, string | null>>();
    await Promise.all(
      Array.from(rooms, async ([room, people]) => {
        const identities = [...people];
        const values = arrayOf(await calls.command('HMGET', roomKey(prefix, 'w', room), identities));
        known.set(room, new Map(identities.map((identity, at) => [identity, values[at] as string | null])));
      }),
    );
    return who.map(({ room, identity }) => toWatermark(room, identity, known.get(room)?.get(identity)));
  }

  return {
    get durability() {
      return durability();
    },
    append: (records) => calls.whileOpen(() => held.append(records)),
    appendEveryMs,
    open: (rooms) =>
      calls.whileOpen(() =>
        calls.inGroups(rooms, { roomOf: (room) => room, atOnce: roomsAtOnce }, async (_tag, some) => {
          const args = some.flatMap((room) => [room, tagOf(room)]);
          const words = arrayOf(await calls.runWithEpoch('open', some, args));
          return some.map((_, at) => {
            const [facts, ...head] = words.slice(6 * at, 6 * at + 6).reverse();
            return { head: readHead(head.reverse()), facts: readPairs(facts) };
          });
        }),
      ),
    read: (requests) => calls.whileOpen(() => Promise.all(requests.map((request) => readRoom(calls, request)))),
    search: (request) => calls.whileOpen(() => searchRoom(calls, request, clock)),
    trim: (room, { beforeMs, keep }) =>
      calls.whileOpen(async () => {
        const limits = [beforeMs, keep, clock.nowMs(), trimAtOnce].map(String);
        const [trimmed, more] = arrayOf(await calls.run('trim', tagOf(room), [tagOf(room), room, ...limits]));
        return { trimmed: Number(trimmed), more: more === 1 };
      }),
    bumpEpoch: (room, epoch) =>
      calls.whileOpen(async () =>
        String(await calls.runWithEpoch('bump', [room], [tagOf(room), room, epoch, createEpoch()])),
      ),
    mark: (watermarks) =>
      calls.whileOpen(async () => {
        await calls.inGroups(watermarks, { roomOf: ({ room }) => room, atOnce: marksAtOnce }, async (tag, some) => {
          const args = some.flatMap(({ room, identity, delivered, read }) => {
            return [room, tagOf(room), identity, String(toNumber(delivered)), String(toNumber(read))];
          });
          await calls.run('mark', tag, args);
          return some;
        });
      }),
    watermarks: (room) =>
      calls.whileOpen(async () => {
        const args = [tagOf(room), room, String(maxWatermarks)];
        const [people = [], marks = []] = arrayOf(await calls.run('marks', tagOf(room), args));
        return arrayOf(people).map((identity, at) =>
          toWatermark(room, String(identity), arrayOf(marks)[at] as string | null),
        );
      }),
    watermarksOf: (who) => calls.whileOpen(() => watermarksOf(who)),
    count: (requests) =>
      calls.whileOpen(() =>
        calls.inGroups(requests, { roomOf: ({ room }) => room, atOnce: readersAtOnce }, async (tag, some) => {
          const args = some.flatMap(({ room, after, identity, limit }) => {
            return [room, tagOf(room), String(toNumber(after)), identity, String(limit)];
          });
          const numbers = arrayOf(await calls.run('count', tag, args));
          return some.map((_, at) => ({ messages: Number(numbers[2 * at]), mentions: Number(numbers[2 * at + 1]) }));
        }),
      ),
    rooms: (after, limit) =>
      calls.whileOpen(async () => {
        const from = after === '' ? '-' : `(${after}`;
        const names = await Promise.all(
          Array.from({ length: partitions }, async (_, partition) => {
            const key = `${prefix}:{${tagOfPartition(partition)}}:rooms`;
            const range = [from, '+', 'LIMIT', '0', String(limit)];
            return arrayOf(await calls.command('ZRANGEBYLEX', key, range)).map(String);
          }),
        );
        return names.flat().sort().slice(0, limit);
      }),
    follow: (room, news) => calls.whileOpen(() => follow(room, news)),
    get state() {
      return link.state;
    },
    events,
    close: async () => {
      for (const end of ends) end?.();
      held.close();
      await calls.close();
    },
  };
}

function toWatermark(room: string, identity: string, mark: string | null | undefined): Watermark {
  const [delivered = 0, read = 0] = (mark ?? '0:0').split(':').map(Number);
  return { room, identity, delivered, read };
}
