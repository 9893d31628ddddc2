// W1: what a connection costs that does nothing.

import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../../support/statistics.ts';
import { Entrant } from '../contest.ts';
import { type Contestant, everybody, ours, peers } from '../contestants.ts';
import { type Effort, type Findings, kilobytes } from '../findings.ts';

const membersPerRoom = 100;
/** Code is loaded and compiled before the first reading. */
const warmRooms = 1;
const settleMs = 1_000;

interface Held {
  readonly connections: number;
  readonly rssEach: number;
  readonly heapEach: number;
}

export async function idleMemory({ rounds, quick, step }: Effort): Promise<Findings> {
  const counts = quick ? [1_000, 2_000] : [2_000, 10_000];
  const held = new Map<Contestant, Held[][]>(everybody.map((contestant) => [contestant, []]));
  // A process of its own each time, so one round less does.
  const times = Math.max(1, rounds - 2);
  for (let round = 1; round <= times; round++) {
    for (const contestant of everybody) {
      step(`${contestant.title}, round ${round} of ${times}`);
      held.get(contestant)?.push(await hold(contestant, counts));
    }
  }
  const most = counts.length - 1;
  const each = (contestant: Contestant, at: number, figure: (it: Held) => number) =>
    median((held.get(contestant) ?? []).flatMap((rows) => rows[at] ?? []).map(figure));
  const rssOf = (contestant: Contestant) => each(contestant, most, ({ rssEach }) => rssEach);
  const right = 'right' as const;
  const limit = rssOf(peers.socketIo) / 3;
  return {
    title: 'W1: idle connections',
    method: `Resident memory of the server process for each connection that is in one room of ${membersPerRoom} and silent, above what the process had with the first ${warmRooms * membersPerRoom}, after collections as V8 makes them when memory is low, the same for all; what the kernel keeps is not in it. A process of its own each, ${times === 1 ? 'once' : `${times} times`}.`,
    table: {
      columns: [
        { title: 'server' },
        ...counts.flatMap((count) => [
          { title: `KB each of ${count.toLocaleString('en')}`, align: right },
          { title: 'heap KB', align: right },
        ]),
      ],
      rows: everybody.map((contestant) => [
        contestant.title,
        ...counts.flatMap((_, at) => [
          kilobytes(each(contestant, at, ({ rssEach }) => rssEach)),
          kilobytes(each(contestant, at, ({ heapEach }) => heapEach)),
        ]),
      ]),
    },
    goals: Object.values(ours).flatMap((contestant) => {
      const rss = rssOf(contestant);
      return [
        {
          name: `W1 size, ${contestant.variant}`,
          workload: 'W1',
          goal: `${contestant.title}: at most 4 KB for a connection`,
          measured: `${kilobytes(rss)} KB`,
          reached: rss <= 4_096,
        },
        {
          name: `W1 share, ${contestant.variant}`,
          workload: 'W1',
          goal: `${contestant.title}: at most a third of Socket.IO on ws`,
          measured: `${((3 * limit) / rss).toFixed(1)} times less`,
          reached: rss <= limit,
        },
      ];
    }),
    notes: [],
    results: Object.fromEntries([...held].map(([{ name }, rows]) => [name, rows])),
  };
}

async function hold(contestant: Contestant, counts: readonly number[]): Promise<Held[]> {
  await using entrant = await Entrant.start(contestant);
  await entrant.open({ rooms: warmRooms, membersPerRoom });
  await delay(settleMs);
  const warm = warmRooms * membersPerRoom;
  const base = await entrant.server.call('memory');
  const rows: Held[] = [];
  for (let open = warm, at = 0; at < counts.length; at++) {
    const connections = counts[at] ?? 0;
    await entrant.open({ rooms: Math.ceil((connections + warm - open) / membersPerRoom), membersPerRoom });
    open = connections + warm;
    await delay(settleMs);
    const now = await entrant.server.call('memory');
    rows.push({
      connections,
      rssEach: (now.rssBytes - base.rssBytes) / connections,
      heapEach: (now.heapBytes - base.heapBytes) / connections,
    });
  }
  return rows;
}
