// Everybody is dropped at once while others go on writing, and comes back at once.

import { setTimeout as delay } from 'node:timers/promises';
import { answerCalls } from '../../support/child-calls.ts';
import { processCpuSeconds } from '../../support/cpu-time.ts';
import { quantile } from '../../support/statistics.ts';
import { Follower } from './follower.ts';

export interface StormOrder {
  readonly port: number;
  readonly serverPid: number;
  readonly clients: number;
  readonly rooms: number;
  readonly roomsEach: number;
  readonly publishers: number;
  readonly perSecond: number;
  /** How long they are away. */
  readonly awayMs: number;
  readonly withinMs: number;
}

export interface StormResult {
  readonly liveMs: { readonly p50: number; readonly p99: number; readonly all: number };
  readonly published: number;
  /** Published with an acknowledgement, or sent again until there was one. */
  readonly acknowledged: number;
  readonly sentAgain: number;
  readonly expected: number;
  readonly lost: number;
  readonly doubled: number;
  readonly gaps: number;
  readonly holes: number;
  readonly syncs: number;
  /** Calls that the server was too busy for, and that were made again. */
  readonly refusals: number;
  readonly recordsFromSync: number;
  readonly serverCpuSeconds: number;
}

export type StormDriver = { storm(order: StormOrder): Promise<StormResult> };

const atOnce = 50;
const beforeMs = 1_000;
const afterMs = 1_000;

answerCalls({ storm } satisfies StormDriver, () => {});

async function storm(order: StormOrder): Promise<StormResult> {
  const roomsOf = (at: number) =>
    Array.from({ length: order.roomsEach }, (_, room) => `storm-${(at * order.roomsEach + room) % order.rooms}`);
  const make = async (name: string, at: number) => {
    const follower = new Follower(name, order.port);
    await follower.connect();
    await Promise.all(roomsOf(at).map((room) => follower.join(room)));
    return follower;
  };
  const publishers = await eachOf(order.publishers, (at) => make(`publisher-${at}`, at));
  const followers = await eachOf(order.clients, (at) => make(`follower-${at}`, at));
  await delay(beforeMs);

  /** Texts by number: their room. */
  const written = new Map<number, string>();
  let nextId = 1;
  let acknowledged = 0;
  let stopped = false;
  const pending: Promise<unknown>[] = [];
  const newText = (room: string) => {
    const id = nextId++;
    written.set(id, room);
    return { id, text: `|${String(id).padStart(8, '0')}${'x'.repeat(80)}` };
  };
  const publishing = (async () => {
    const startedMs = performance.now();
    for (let count = 0; !stopped; ) {
      for (; startedMs + (count * 1000) / order.perSecond <= performance.now(); count++) {
        const at = count % publishers.length;
        const rooms = roomsOf(at);
        const room = rooms[Math.floor(count / publishers.length) % rooms.length] ?? '';
        const { id, text } = newText(room);
        const publisher = publishers[at] as Follower;
        pending.push(publisher.send(room, text, `p-${id}`).then(() => acknowledged++));
      }
      await delay(1);
    }
  })();
  await delay(beforeMs);

  // Some are writing at that moment, and cannot know what became of it.
  const open = followers.slice(0, Math.floor(followers.length / 10)).map((follower, at) => {
    const room = roomsOf(at)[0] ?? '';
    const { id, text } = newText(room);
    follower.send(room, text, `f-${id}`).catch(() => {});
    return { follower, room, id, text };
  });
  await new Promise((resolve) => setImmediate(resolve));
  const cpuBefore = processCpuSeconds(order.serverPid);
  for (const follower of followers) follower.drop();
  await delay(order.awayMs);

  const backMs = performance.now();
  const liveMs: number[] = [];
  const limited = eachOf(
    followers.length,
    async (at) => {
      const follower = followers[at] as Follower;
      await follower.connect();
      await follower.sync();
      liveMs.push(performance.now() - backMs);
    },
    followers.length,
  );
  await Promise.race([limited, delay(order.withinMs, undefined, { ref: false })]);
  const serverCpuSeconds = processCpuSeconds(order.serverPid) - cpuBefore;
  await Promise.all(
    open.map(async ({ follower, room, id, text }) => {
      await follower.send(room, text, `f-${id}`);
      acknowledged++;
    }),
  );
  stopped = true;
  await publishing;
  await Promise.all(pending);
  await delay(afterMs);

  let expected = 0;
  let lost = 0;
  let doubled = 0;
  for (const { rooms, applied } of followers) {
    for (const [id, room] of written) {
      if (!rooms.has(room)) continue;
      expected++;
      const times = applied.get(id) ?? 0;
      if (times === 0) lost++;
      if (times > 1) doubled++;
    }
  }
  const total = (of: (follower: Follower) => number) => followers.reduce((sum, follower) => sum + of(follower), 0);
  return {
    liveMs: {
      p50: quantile(liveMs, 0.5),
      p99: quantile(liveMs, 0.99),
      all: liveMs.length === followers.length ? Math.max(...liveMs) : Number.NaN,
    },
    published: written.size,
    acknowledged,
    sentAgain: open.length,
    expected,
    lost,
    doubled,
    gaps: total(({ gaps }) => gaps),
    holes: total(({ holes }) => holes),
    syncs: total(({ syncs }) => syncs),
    refusals: total(({ refusals }) => refusals),
    recordsFromSync: total(({ recordsFromSync }) => recordsFromSync),
    serverCpuSeconds,
  };
}

async function eachOf<Value>(count: number, make: (at: number) => Promise<Value>, width = atOnce): Promise<Value[]> {
  const made = new Array<Value>(count);
  let next = 0;
  const work = async () => {
    while (next < count) {
      const at = next++;
      made[at] = await make(at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, work));
  return made;
}
