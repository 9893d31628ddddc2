// W6: one of many stops reading.

import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../../support/statistics.ts';
import { Entrant } from '../contest.ts';
import { type Contestant, type Memory, ours, peers } from '../contestants.ts';
import { type Effort, type Findings, megabytes, ms } from '../findings.ts';

interface Growth {
  readonly title: string;
  readonly publishedBytes: number;
  readonly grownBytes: number;
  /** By the same load with everybody reading. */
  readonly controlBytes: number;
  readonly heapGrownBytes: number;
  readonly arrived: number;
  readonly expected: number;
  readonly repeated: number;
}

/** The last one: it does not publish. */
const members = 31;
const big = { perSecond: 600, publishersPerRoom: 30, textBytes: 16_000, sampled: 4 };
const large = { perSecond: 150, publishersPerRoom: 50, textBytes: 4_000, sampled: 8, drainMs: 3_000 };
const withinMs = 15_000;
const goalShare = 1.2;
const goalBytes = 2 ** 20;

export async function stalledReader({ rounds, quick, step }: Effort): Promise<Findings> {
  const growths: Growth[] = [];
  for (const contestant of [ours.disk, peers.socketIo, peers.ws, peers.uwsBatched]) {
    step(`${contestant.title}: memory`);
    growths.push(await measureGrowth(contestant, quick ? 1_500 : 2_500));
  }
  step('the others of 500');
  const others = await measureOthers(rounds, quick ? 1_500 : 3_000, step);
  const mine = growths[0];
  const right = 'right' as const;
  const share = others.withStalled / others.without;
  return {
    title: 'W6: a reader that has stopped reading',
    method: `One of ${members} stops reading while 600 messages/s of 16,000 bytes go to all of them; memory of the server after forced collections, above what it was after the same load with everybody reading, and what the reader gets when it reads again.`,
    table: {
      columns: [
        { title: 'server' },
        { title: 'published MB', align: right },
        { title: 'server grew by MB', align: right },
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
      {
        workload: 'W6',
        goal: `${ours.disk.title}: the others’ p99 within 20 % of that without the stalled reader, in a room of 500`,
        measured: `${ms(others.withStalled)} ms with, ${ms(others.without)} ms without`,
        reached: share <= goalShare,
      },
      {
        workload: 'W6',
        goal: `${ours.disk.title}: the stalled reader gets everything once it reads again`,
        measured: `${mine?.arrived} of ${mine?.expected}, ${mine?.repeated} double; in the room of 500 ${others.arrived} of ${others.expected}`,
        reached: mine?.arrived === mine?.expected && mine?.repeated === 0 && others.arrived === others.expected,
      },
      {
        workload: 'W6',
        goal: `${ours.disk.title}: the server grows by at most 1 MB for it`,
        measured: `${megabytes(mine?.grownBytes ?? Number.NaN)} MB`,
        reached: (mine?.grownBytes ?? Number.POSITIVE_INFINITY) <= goalBytes,
      },
    ],
    notes: [
      `In a room of 500 with 150 messages/s of 4,000 bytes, the others’ p99 in Parley is ${ms(others.without)} ms while everybody reads and ${ms(others.withStalled)} ms while one does not (medians of ${rounds} turns each).`,
    ],
    results: { growths, others },
  };
}

async function measureGrowth(contestant: Contestant, durationMs: number): Promise<Growth> {
  await using entrant = await Entrant.start(contestant);
  await entrant.open({ rooms: 1, membersPerRoom: members });
  const stalled = members - 1;
  // The same load with everybody reading: once for what it needs anyway, once more for what it grows by without cause.
  const readings: Memory[] = [];
  for (let time = 0; time < 2; time++) {
    await entrant.run({ ...big, warmMs: 0, durationMs, drainMs: 3_000 });
    // The buckets of the clients’ rates fill again.
    await delay(3_000);
    readings.push(await entrant.server.call('memory'));
  }
  const [first, before] = readings as [Memory, Memory];
  await entrant.driver.call('stall', stalled);
  const { total } = await entrant.run({ ...big, warmMs: 0, durationMs, drainMs: 5_000, stalled });
  const after = await entrant.server.call('memory');
  const { arrived, repeated } = await entrant.driver.call('goOn', { at: stalled, expected: total, withinMs });
  return {
    title: contestant.title,
    publishedBytes: total * big.textBytes,
    grownBytes: after.rssBytes - before.rssBytes,
    controlBytes: before.rssBytes - first.rssBytes,
    heapGrownBytes: after.heapBytes - before.heapBytes,
    arrived,
    expected: total,
    repeated,
  };
}

async function measureOthers(rounds: number, durationMs: number, step: (text: string) => void) {
  await using entrant = await Entrant.start(ours.disk);
  const membersPerRoom = 500;
  const stalled = membersPerRoom - 1;
  const warmMs = 1_500;
  await entrant.open({ rooms: 1, membersPerRoom });
  await delay(1_500);
  const without: number[] = [];
  const withStalled: number[] = [];
  let arrived = 0;
  let expected = 0;
  for (let round = 1; round <= rounds; round++) {
    step(`the others of 500, round ${round} of ${rounds}`);
    without.push((await entrant.run({ ...large, warmMs, durationMs })).delayMs.p99);
    await entrant.driver.call('stall', stalled);
    const result = await entrant.run({ ...large, warmMs, durationMs, stalled });
    withStalled.push(result.delayMs.p99);
    const { total } = result;
    expected += total;
    arrived += (await entrant.driver.call('goOn', { at: stalled, expected: total, withinMs })).arrived;
  }
  return { without: median(without), withStalled: median(withStalled), arrived, expected };
}
