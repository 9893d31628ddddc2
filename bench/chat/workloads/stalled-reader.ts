// Some of many stop reading.

import { setTimeout as delay } from 'node:timers/promises';
import { type Effort, type Findings, megabytes } from '../../support/findings.ts';
import { Entrant } from '../contest.ts';
import { type Contestant, ours, peers } from '../contestants.ts';
import { type Others, othersOf, othersTitle, toGoal } from './others-of-stalled.ts';

interface Growth {
  readonly title: string;
  readonly publishedBytes: number;
  /** For each that does not read. */
  readonly grownBytes: number;
  /** By the same load with everybody reading, over the same number. */
  readonly controlBytes: number;
  readonly heapGrownBytes: number;
  readonly arrived: number;
  readonly expected: number;
  readonly repeated: number;
}

const publishers = 30;
/** Many, because what one costs would drown in what a process grows by anyway. The last ones: they do not publish. */
const stalled = 8;
const load = { perSecond: 600, publishersPerRoom: publishers, textBytes: 16_000, sampled: 4 };
const withinMs = 20_000;
const refillMs = 1_000;
const goalBytes = 2 ** 20;

export async function stalledReader({ rounds, quick, step }: Effort): Promise<Findings> {
  const growths: Growth[] = [];
  for (const contestant of [ours.disk, peers.socketIo, peers.ws, peers.uwsBatched]) {
    step(`${contestant.title}: memory`);
    growths.push(await measureGrowth(contestant, quick ? 1_000 : 1_500));
  }
  const others: Others = await othersOf({ pairs: quick ? 2 : 2 * rounds - 1, durationMs: quick ? 1_000 : 1_500, step });
  const mine = growths[0];
  const right = 'right' as const;
  return {
    title: `${stalled} readers that have stopped reading`,
    method: `${stalled} of ${publishers + stalled} stop reading while 600 messages/s of 16,000 bytes go to all of them; memory of the server after forced collections for each of the ${stalled}, above what it was after the same load with everybody reading, and what they get when they read again; one turn each. ${othersTitle}`,
    table: {
      columns: [
        { title: 'server' },
        { title: 'published MB', align: right },
        { title: 'grew by MB each', align: right },
        { title: 'of it heap', align: right },
        { title: 'everybody reading', align: right },
        { title: 'arrived later', align: right },
        { title: 'double', align: right },
      ],
      rows: growths.map((it) => [
        it.title,
        megabytes(it.publishedBytes),
        megabytes(it.grownBytes),
        megabytes(it.heapGrownBytes),
        megabytes(it.controlBytes),
        `${it.arrived} of ${it.expected}`,
        String(it.repeated),
      ]),
    },
    goals: [
      toGoal(others),
      {
        name: 'stalled complete',
        workload: 'stalled',
        goal: `${ours.disk.title}: stalled readers get everything once they read again`,
        measured: `${mine?.arrived} of ${mine?.expected}, ${mine?.repeated} double; in the room of 500 ${others.arrived} of ${others.expected}`,
        reached: mine?.arrived === mine?.expected && mine?.repeated === 0 && others.arrived === others.expected,
      },
      {
        name: 'stalled memory',
        workload: 'stalled',
        goal: `${ours.disk.title}: the server grows by at most 1 MB for each`,
        measured: `${megabytes(mine?.grownBytes ?? Number.NaN)} MB`,
        reached: (mine?.grownBytes ?? Number.POSITIVE_INFINITY) <= goalBytes,
      },
    ],
    notes: [],
    results: { growths, others },
  };
}

async function measureGrowth(contestant: Contestant, durationMs: number): Promise<Growth> {
  await using entrant = await Entrant.start(contestant);
  await entrant.open({ rooms: 1, membersPerRoom: publishers + stalled });
  const readsAcks = contestant.module === 'parley';
  const run = async (order: { stalled?: number }) => {
    const { total } = await entrant.run({ ...load, warmMs: 0, durationMs, drainMs: 5_000, readsAcks, ...order });
    const memory = await entrant.server.call('memory');
    // The buckets of the clients’ rates fill again.
    await delay(refillMs);
    return { total, ...memory };
  };
  // The same load with everybody reading: for what it needs anyway, and then for what it grows by without cause.
  const first = await run({});
  const before = await run({});
  await entrant.driver.call('stall', stalled);
  const after = await run({ stalled });
  const { arrived, repeated } = await entrant.driver.call('goOn', { expected: after.total, withinMs });
  return {
    title: contestant.title,
    publishedBytes: after.total * load.textBytes,
    grownBytes: (after.rssBytes - before.rssBytes) / stalled,
    controlBytes: (before.rssBytes - first.rssBytes) / stalled,
    heapGrownBytes: (after.heapBytes - before.heapBytes) / stalled,
    arrived,
    expected: stalled * after.total,
    repeated,
  };
}
