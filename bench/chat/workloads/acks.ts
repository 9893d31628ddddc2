// ACK: how many messages a second are acknowledged, which is to say: are in the log.

import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../../support/statistics.ts';
import { type Entrant, Field } from '../contest.ts';
import { type Contestant, ours } from '../contestants.ts';
import type { RunResult } from '../driver/open-loop.ts';
import { type Effort, type Findings, ms } from '../findings.ts';

const rooms = { rooms: 1_000, membersPerRoom: 2 };
/** A client may send 10 a second and 40 at once: for the few seconds of a turn so many are within that. */
const levels = [10_000, 24_000];
const goalPerSecond = 20_000;
const goalP99Ms = 25;
const settleMs = 1_000;

interface Side {
  readonly title: string;
  readonly contestant: Contestant;
  readonly cores: 'one' | 'both';
}

const onOne: Side = { title: `${ours.disk.title}, one core`, contestant: ours.disk, cores: 'one' };
const onBoth: Side = { title: `${ours.disk.title}, both cores`, contestant: ours.disk, cores: 'both' };
const sides: readonly Side[] = [
  onOne,
  onBoth,
  { title: `${ours.memory.title}, one core`, contestant: ours.memory, cores: 'one' },
];

export async function acknowledgements({ rounds, quick, step }: Effort): Promise<Findings> {
  const turns = new Map<string, RunResult[]>();
  await using field = new Field();
  const entrants = new Map<Side, Entrant>();
  for (const side of sides) {
    const entrant = await field.add(side.contestant, { cores: side.cores });
    await entrant.open(rooms);
    entrants.set(side, entrant);
  }
  await delay(settleMs);
  for (let round = 1; round <= rounds; round++) {
    for (const [side, entrant] of entrants) {
      for (const perSecond of levels) {
        step(`${side.title}, ${perSecond}/s, round ${round} of ${rounds}`);
        const result = await entrant.run({
          perSecond,
          publishersPerRoom: 2,
          textBytes: 100,
          warmMs: 500,
          durationMs: quick ? 1_000 : 1_500,
          drainMs: 1_000,
          sampled: 100,
          readsAcks: true,
        });
        const key = keyOf(side, perSecond);
        turns.set(key, [...(turns.get(key) ?? []), result]);
        // The buckets of the clients’ rates fill again.
        await delay(settleMs);
      }
    }
  }
  const of = (side: Side, perSecond: number, figure: (turn: RunResult) => number) =>
    median((turns.get(keyOf(side, perSecond)) ?? []).map(figure));
  const [half = 0, full = 0] = levels;
  const right = 'right' as const;
  return {
    title: 'ACK: acknowledged messages',
    method:
      '2,000 clients in 1,000 rooms of two publish 100 bytes at fixed times; counted are acknowledgements, and their delay from when the message was due. Every message also goes to both of its room. On one core: the server and its store’s thread; on both: beside the clients.',
    table: {
      columns: [
        { title: 'server' },
        { title: 'published/s', align: right },
        { title: 'acknowledged/s', align: right },
        { title: 'refused/s', align: right },
        { title: 'p50 ms', align: right },
        { title: 'p99 ms', align: right },
        { title: 'server’s CPU', align: right },
        { title: 'CPU µs each', align: right },
        { title: 'clients’ core', align: right },
      ],
      rows: sides.flatMap((side) =>
        levels.map((perSecond) => [
          side.title,
          perSecond.toLocaleString('en'),
          Math.round(of(side, perSecond, ackRate)).toLocaleString('en'),
          Math.round(of(side, perSecond, ({ acks, seconds }) => acks.refused / seconds)).toLocaleString('en'),
          ms(of(side, perSecond, ({ acks }) => acks.delayMs.p50)),
          ms(of(side, perSecond, ({ acks }) => acks.delayMs.p99)),
          `${(100 * of(side, perSecond, ({ serverCpuSeconds, seconds }) => serverCpuSeconds / seconds)).toFixed(0)} %`,
          of(side, perSecond, ({ serverCpuSeconds, acks }) => (1e6 * serverCpuSeconds) / acks.count).toFixed(1),
          `${(100 * of(side, perSecond, ({ driverShare }) => driverShare)).toFixed(0)} %`,
        ]),
      ),
    },
    goals: [onOne, onBoth].flatMap((side) => {
      const throughput = of(side, full, ackRate);
      const p99 = of(side, half, ({ acks }) => acks.delayMs.p99);
      return [
        {
          workload: 'ACK',
          goal: `${side.title}: at least ${goalPerSecond.toLocaleString('en')} messages/s acknowledged`,
          measured: `${Math.round(throughput).toLocaleString('en')}/s`,
          reached: throughput >= goalPerSecond,
        },
        {
          workload: 'ACK',
          goal: `${side.title}: p99 of an acknowledgement below ${goalP99Ms} ms at ${half.toLocaleString('en')}/s`,
          measured: `${ms(p99)} ms`,
          reached: p99 < goalP99Ms,
        },
      ];
    }),
    notes: [],
    results: Object.fromEntries(turns),
  };
}

function keyOf({ title }: Side, perSecond: number): string {
  return `${title}, ${perSecond}`;
}

function ackRate({ acks, seconds }: RunResult): number {
  return acks.count / seconds;
}
