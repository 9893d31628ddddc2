// What a connection costs that does nothing.

import { setTimeout as delay } from 'node:timers/promises';
import { type Effort, type Findings, kilobytes } from '../../support/findings.ts';
import { median } from '../../support/statistics.ts';
import { Entrant } from '../contest.ts';
import { type Contestant, everybody, ours, peers } from '../contestants.ts';

const membersPerRoom = 100;
/** Code is loaded and compiled before the first reading. */
const warmRooms = 1;
const settleMs = 500;

interface Held {
  readonly rssEach: number;
  readonly heapEach: number;
}

export async function idleMemory({ rounds, quick, step }: Effort): Promise<Findings> {
  const connections = quick ? 2_000 : 10_000;
  const held = new Map<Contestant, Held[]>(everybody.map((contestant) => [contestant, []]));
  // A process of its own each time, and a mean of thousands, so fewer rounds do.
  const times = Math.max(1, rounds - 2);
  for (let round = 1; round <= times; round++) {
    for (const contestant of everybody) {
      step(`${contestant.title}, round ${round} of ${times}`);
      held.get(contestant)?.push(await hold(contestant, connections));
    }
  }
  const rssOf = (contestant: Contestant) => median((held.get(contestant) ?? []).map(({ rssEach }) => rssEach));
  const heapOf = (contestant: Contestant) => median((held.get(contestant) ?? []).map(({ heapEach }) => heapEach));
  const right = 'right' as const;
  const limit = rssOf(peers.socketIo) / 3;
  return {
    title: 'Idle connections',
    method: `Resident memory of the server process for each connection that is in one room of ${membersPerRoom} and silent, above what the process had with the first ${warmRooms * membersPerRoom}, after collections as V8 makes them when memory is low, the same for all; what the kernel keeps is not in it. A process of its own each, ${times === 1 ? 'once' : `${times} times`}.`,
    table: {
      columns: [
        { title: 'server' },
        { title: `KB each of ${connections.toLocaleString('en')}`, align: right },
        { title: 'heap KB', align: right },
      ],
      rows: everybody.map((contestant) => [
        contestant.title,
        kilobytes(rssOf(contestant)),
        kilobytes(heapOf(contestant)),
      ]),
    },
    goals: Object.values(ours).flatMap((contestant) => {
      const rss = rssOf(contestant);
      return [
        {
          name: `idle size, ${contestant.variant}`,
          workload: 'idle',
          goal: `${contestant.title}: at most 4 KB for a connection`,
          measured: `${kilobytes(rss)} KB`,
          reached: rss <= 4_096,
        },
        {
          name: `idle share, ${contestant.variant}`,
          workload: 'idle',
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

async function hold(contestant: Contestant, connections: number): Promise<Held> {
  await using entrant = await Entrant.start(contestant);
  await entrant.open({ rooms: warmRooms, membersPerRoom });
  await delay(settleMs);
  const base = await entrant.server.call('memory');
  await entrant.open({ rooms: connections / membersPerRoom, membersPerRoom });
  await delay(settleMs);
  const now = await entrant.server.call('memory');
  return {
    rssEach: (now.rssBytes - base.rssBytes) / connections,
    heapEach: (now.heapBytes - base.heapBytes) / connections,
  };
}
