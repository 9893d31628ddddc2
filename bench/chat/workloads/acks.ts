// How many messages a second are acknowledged, which is to say: are in the log; and how long one waits for that.

import { setTimeout as delay } from 'node:timers/promises';
import { type Effort, type Findings, type Goal, ms } from '../../support/findings.ts';
import { median } from '../../support/statistics.ts';
import { type Entrant, Field } from '../contest.ts';
import { type Contestant, ours, uwsAcks } from '../contestants.ts';
import type { ClosedResult } from '../driver/closed-loop.ts';
import type { RunResult } from '../driver/open-loop.ts';

/** So many clients that none sends more than the 10 a second that one may. */
const rooms = { rooms: 2_000, membersPerRoom: 2 };
const inFlight = 1_000;
const goalPerSecond = 20_000;
const goalP99Ms = 25;
/** Of what a side was found to do. */
const overload = 1.5;
const settleMs = 600;
const textBytes = 100;

interface Side {
  readonly title: string;
  readonly contestant: Contestant;
  readonly cores: 'one' | 'both';
  readonly loops: readonly LoopName[];
}

const onOne: Side = {
  title: `${ours.disk.title}, one core`,
  contestant: ours.disk,
  cores: 'one',
  loops: ['goal', 'half', 'over'],
};
const onBoth: Side = {
  title: `${ours.disk.title}, both cores`,
  contestant: ours.disk,
  cores: 'both',
  loops: ['goal', 'half'],
};
const inMemory: Side = {
  title: `${ours.memory.title}, one core`,
  contestant: ours.memory,
  cores: 'one',
  loops: ['goal'],
};
/** How far one can get at all: what the sockets cost by themselves. */
const bare: Side = { title: `${uwsAcks.title}, one core`, contestant: uwsAcks, cores: 'one', loops: [] };
const sides: readonly Side[] = [onOne, onBoth, inMemory, bare];

/** Open loops: a rate of their own, or a share of the side’s capacity. */
const openLoops = {
  goal: { title: 'half of the goal', rateOf: () => goalPerSecond / 2 },
  half: { title: 'half of its capacity', rateOf: (capacity: number) => roundRate(capacity / 2) },
  over: { title: `${overload} × its capacity`, rateOf: (capacity: number) => roundRate(capacity * overload) },
} as const;
type LoopName = keyof typeof openLoops;

interface OpenTurn extends RunResult {
  readonly perSecond: number;
}

interface SideTurns {
  readonly closed: ClosedResult[];
  readonly open: Record<LoopName, OpenTurn[]>;
}

export async function acknowledgements({ rounds, quick, step }: Effort): Promise<Findings> {
  const durationMs = quick ? 1_000 : 1_500;
  const turns = new Map<Side, SideTurns>();
  await using field = new Field();
  const entrants = new Map<Side, Entrant>();
  for (const side of sides) {
    step(`${side.title}: connecting`);
    const entrant = await field.add(side.contestant, { cores: side.cores });
    await entrant.open(rooms);
    entrants.set(side, entrant);
    turns.set(side, { closed: [], open: { goal: [], half: [], over: [] } });
  }
  await delay(settleMs);
  for (let round = 1; round <= rounds; round++) {
    for (const [side, entrant] of entrants) {
      const of = turns.get(side);
      if (!of) continue;
      step(`${side.title}: as fast as it answers, round ${round} of ${rounds}`);
      of.closed.push(await entrant.saturate({ inFlight, textBytes, warmMs: 700, durationMs }));
      await delay(settleMs);
      const capacity = median(of.closed.map(ackRateOfClosed));
      for (const name of side.loops) {
        const perSecond = openLoops[name].rateOf(capacity);
        step(`${side.title}: ${perSecond}/s, round ${round} of ${rounds}`);
        const order = { publishersPerRoom: 2, textBytes, warmMs: 500, durationMs, drainMs: 3_000, sampled: 100 };
        of.open[name].push({ perSecond, ...(await entrant.run({ ...order, perSecond, readsAcks: true })) });
        // The buckets of the clients’ rates fill again.
        await delay(settleMs);
      }
    }
  }
  const right = 'right' as const;
  return {
    title: 'Acknowledged messages',
    method: `4,000 clients in 2,000 rooms of two publish ${textBytes} bytes; every message also goes to both of its room. First as fast as the server answers, with ${inFlight.toLocaleString('en')} messages always under way: its capacity. Then at fixed times, at half of the goal, at half of the capacity and at ${overload} times the capacity; delays of all that was due are counted from those times, what was not answered within 3 s more as that long. On one core: the server and its store’s thread; on both: beside the clients.`,
    table: {
      columns: [
        { title: 'server' },
        { title: 'load' },
        { title: 'published/s', align: right },
        { title: 'acknowledged/s', align: right },
        { title: 'refused/s', align: right },
        { title: 'p50 ms', align: right },
        { title: 'p99 ms', align: right },
        { title: 'server’s CPU', align: right },
        { title: 'CPU µs each', align: right },
        { title: 'clients’ core', align: right },
      ],
      rows: [...turns].flatMap(([{ title, loops }, { closed, open }]) => [
        [title, `${inFlight.toLocaleString('en')} under way`, '', ...closedCells(closed)],
        ...loops.map((name) => [title, openLoops[name].title, ...openCells(open[name])]),
      ]),
    },
    goals: [onOne, onBoth].flatMap((side) => toGoals(side, turns.get(side))),
    notes: [
      `A message that is acknowledged and delivered to both of its room, on one core: uWebSockets.js that keeps, numbers and checks nothing does ${count(median((turns.get(bare)?.closed ?? []).map(ackRateOfClosed)))}/s.`,
      'Beyond its capacity Parley answers STORE_BUSY at once, and the client tries again later: acknowledged/s is what is left of its capacity then.',
    ],
    results: Object.fromEntries([...turns].map(([{ title }, of]) => [title, of])),
  };
}

function toGoals(side: Side, turns: SideTurns | undefined): Goal[] {
  const capacity = median((turns?.closed ?? []).map(ackRateOfClosed));
  // What a core that nobody else uses would do, if nothing but CPU time were in the way.
  const byCpu = median((turns?.closed ?? []).map(({ acks, serverCpuSeconds }) => acks / serverCpuSeconds));
  const p99 = median((turns?.open.goal ?? []).map(({ acks }) => acks.delayMs.p99));
  const p99OfHalf = median((turns?.open.half ?? []).map(({ acks }) => acks.delayMs.p99));
  return [
    {
      name: `acks capacity, ${side.cores}`,
      workload: 'acks',
      goal: `${side.title}: at least ${count(goalPerSecond)} messages/s acknowledged`,
      measured: `${count(capacity)}/s; its CPU time alone would allow ${count(byCpu)}/s`,
      reached: capacity >= goalPerSecond,
    },
    {
      name: `acks p99, ${side.cores}`,
      workload: 'acks',
      goal: `${side.title}: p99 of an acknowledgement below ${goalP99Ms} ms at ${count(goalPerSecond / 2)}/s`,
      measured: `${ms(p99)} ms; at half of its own capacity ${ms(p99OfHalf)} ms`,
      reached: p99 < goalP99Ms,
    },
  ];
}

function closedCells(turns: readonly ClosedResult[]): string[] {
  const of = (figure: (turn: ClosedResult) => number) => median(turns.map(figure));
  return [
    count(of(ackRateOfClosed)),
    count(of(({ refused, seconds }) => refused / seconds)),
    ms(of(({ delayMs }) => delayMs.p50)),
    ms(of(({ delayMs }) => delayMs.p99)),
    percent(of(({ serverCpuSeconds, seconds }) => serverCpuSeconds / seconds)),
    of(({ serverCpuSeconds, acks }) => (1e6 * serverCpuSeconds) / acks).toFixed(1),
    percent(of(({ driverShare }) => driverShare)),
  ];
}

function openCells(turns: readonly OpenTurn[]): string[] {
  const of = (figure: (turn: OpenTurn) => number) => median(turns.map(figure));
  return [
    count(of(({ perSecond }) => perSecond)),
    count(of(({ acks, seconds }) => acks.count / seconds)),
    count(of(({ acks, seconds }) => acks.refused / seconds)),
    ms(of(({ acks }) => acks.delayMs.p50)),
    ms(of(({ acks }) => acks.delayMs.p99)),
    percent(of(({ serverCpuSeconds, seconds }) => serverCpuSeconds / seconds)),
    of(({ serverCpuSeconds, acks }) => (1e6 * serverCpuSeconds) / acks.count).toFixed(1),
    percent(of(({ driverShare }) => driverShare)),
  ];
}

function ackRateOfClosed({ acks, seconds }: ClosedResult): number {
  return acks / seconds;
}

function roundRate(perSecond: number): number {
  return Math.max(100, Math.round(perSecond / 100) * 100);
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
