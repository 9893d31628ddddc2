// ACK: how many messages a second are acknowledged, which is to say: are in the log.

import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../../support/statistics.ts';
import { Field } from '../contest.ts';
import { type Contestant, ours } from '../contestants.ts';
import type { RunResult } from '../driver/open-loop.ts';
import { type Effort, type Findings, ms } from '../findings.ts';

const rooms = { rooms: 1_000, membersPerRoom: 2 };
/** A client may send 10 a second and 40 at once: for the few seconds of a turn so many are within that. */
const levels = [10_000, 24_000];
const goalPerSecond = 20_000;
const goalP99Ms = 25;
const settleMs = 1_500;

export async function acknowledgements({ rounds, quick, step }: Effort): Promise<Findings> {
  await using field = await Field.start(Object.values(ours));
  for (const entrant of field.entrants) await entrant.open(rooms);
  await delay(settleMs);
  const turns = new Map<string, RunResult[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const { contestant, ...rest } of field.entrants.map((entrant) => ({
      contestant: entrant.contestant,
      entrant,
    }))) {
      for (const perSecond of levels) {
        step(`${contestant.title}, ${perSecond}/s, round ${round} of ${rounds}`);
        const result = await rest.entrant.run({
          perSecond,
          publishersPerRoom: 2,
          textBytes: 100,
          warmMs: 500,
          durationMs: quick ? 1_000 : 2_000,
          drainMs: 3_000,
          sampled: 100,
          readsAcks: true,
        });
        const key = keyOf(contestant, perSecond);
        turns.set(key, [...(turns.get(key) ?? []), result]);
        // The buckets of the clients' rates fill again.
        await delay(settleMs);
      }
    }
  }
  const of = (contestant: Contestant, perSecond: number, figure: (turn: RunResult) => number) =>
    median((turns.get(keyOf(contestant, perSecond)) ?? []).map(figure));
  const [half = 0, full = 0] = levels;
  const throughput = of(ours.disk, full, ackRate);
  const p99 = of(ours.disk, half, ({ acks }) => acks.delayMs.p99);
  const right = 'right' as const;
  return {
    title: 'ACK: acknowledged messages',
    method:
      '2,000 clients in 1,000 rooms of two publish 100 bytes at fixed times; counted are acknowledgements, and their delay from when the message was due. Server with its store on one core; every message also goes to both of its room.',
    table: {
      columns: [
        { title: 'server' },
        { title: 'published/s', align: right },
        { title: 'acknowledged/s', align: right },
        { title: 'p50 ms', align: right },
        { title: 'p99 ms', align: right },
        { title: 'server’s core', align: right },
        { title: 'CPU µs each', align: right },
        { title: 'clients’ core', align: right },
      ],
      rows: Object.values(ours).flatMap((contestant) =>
        levels.map((perSecond) => [
          contestant.title,
          perSecond.toLocaleString('en'),
          Math.round(of(contestant, perSecond, ackRate)).toLocaleString('en'),
          ms(of(contestant, perSecond, ({ acks }) => acks.delayMs.p50)),
          ms(of(contestant, perSecond, ({ acks }) => acks.delayMs.p99)),
          `${(100 * of(contestant, perSecond, ({ serverCpuSeconds, seconds }) => serverCpuSeconds / seconds)).toFixed(0)} %`,
          of(contestant, perSecond, ({ serverCpuSeconds, acks }) => (1e6 * serverCpuSeconds) / acks.count).toFixed(1),
          `${(100 * of(contestant, perSecond, ({ driverShare }) => driverShare)).toFixed(0)} %`,
        ]),
      ),
    },
    goals: [
      {
        workload: 'ACK',
        goal: `${ours.disk.title}: at least ${goalPerSecond.toLocaleString('en')} messages/s acknowledged`,
        measured: `${Math.round(throughput).toLocaleString('en')}/s`,
        reached: throughput >= goalPerSecond,
      },
      {
        workload: 'ACK',
        goal: `${ours.disk.title}: p99 of an acknowledgement below ${goalP99Ms} ms at ${half.toLocaleString('en')}/s`,
        measured: `${ms(p99)} ms`,
        reached: p99 < goalP99Ms,
      },
    ],
    notes: [],
    results: Object.fromEntries(turns),
  };
}

function keyOf({ name }: Contestant, perSecond: number): string {
  return `${name} ${perSecond}`;
}

function ackRate({ acks, seconds }: RunResult): number {
  return acks.count / seconds;
}
