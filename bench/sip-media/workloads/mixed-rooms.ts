// How many G.711 phones one mixer thread serves, in rooms of ten and in one large room: a staircase up to where ticks come late.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Effort, Findings, Goal } from '../../support/findings.ts';
import { ms } from '../../support/findings.ts';
import { median } from '../../support/statistics.ts';
import { openPhones, openStage, type Stage } from '../stage.ts';

const goalPhones = 200;
const goalMs = 5;
const perRoom = 10;
const stepPhones = 100;
const mostPhones = 400;
const perSocket = 20;
const packetsPerSecond = 50;
/** Jitter buffers fill, and code is compiled. */
const settleMs = 3_000;
/** Lateness is told of as much. */
const windowSeconds = 5;

interface Landing {
  readonly phones: number;
  /** Medians of the windows. */
  readonly lateMsP50: number;
  readonly lateMsP99: number;
  readonly worstLateMsP99: number;
  /** Of a core. */
  readonly thread: number;
  readonly main: number;
  readonly worker: number;
  /** Packets that a phone got of those that it should get. */
  readonly served: number;
  readonly gapMsP99: number;
  /** What the load sent of what it should have. */
  readonly offered: number;
}

export async function mixedRooms(effort: Effort): Promise<Findings> {
  const { rounds, step } = effort;
  const kinds = [
    { name: 'two of ten speak', speakers: 2 },
    { name: 'all ten speak', speakers: perRoom },
  ];
  const stairs = [];
  for (const { name, speakers } of kinds) {
    const landings = await climb(effort, name, speakers);
    const served = landings.filter(isInTime).map(({ phones }) => phones);
    stairs.push({ name, speakers, landings, most: Math.max(0, ...served) });
  }
  step('one room of 100');
  const large = [];
  for (const { name, speakers } of [
    { name: 'one room of 100, two speak', speakers: 2 },
    { name: 'one room of 100, all speak', speakers: 100 },
  ]) {
    await using stage = await openStage();
    await enterRoom(stage, 'hall', 100, speakers);
    await sleep(settleMs);
    large.push({ name, landing: await measure(stage, 100, rounds) });
  }
  const rows = [
    ...stairs.flatMap(({ name, landings }) => landings.map((landing) => ({ name: `rooms of ten, ${name}`, landing }))),
    ...large,
  ];
  return {
    title: 'Mixed rooms on one thread',
    method: `Phones speak PCMU; who does not speak sends the noise of an open microphone. Each of the ${rounds} windows of a row lasts ${windowSeconds} s: the median of their 99th percentiles of lateness, and the worst. Thread, main loop and worker in percent of a core. “Served” is how many of its 50 packets a second a phone got.`,
    table: {
      columns: [
        { title: 'rooms' },
        ...['phones', 'late p50, ms', 'late p99, ms', 'worst', 'thread', 'main', 'worker', 'served', 'gap p99, ms'].map(
          (title) => ({ title, align: 'right' as const }),
        ),
      ],
      rows: rows.map(({ name, landing }) => [name, ...cells(landing)]),
    },
    goals: [
      ...stairs.map(({ name, most, landings }): Goal => {
        const at = landings.find(({ phones }) => phones === goalPhones);
        return {
          name: 'phones-per-thread',
          workload: `mixed rooms of ten, ${name}`,
          goal: `${goalPhones} G.711 phones on one thread, p99 of lateness below ${goalMs} ms`,
          measured: `${ms(at?.lateMsP99 ?? Number.NaN)} ms at ${goalPhones} phones; ${most} phones at most`,
          reached: at !== undefined && isInTime(at),
        };
      }),
      ...large.map(
        ({ name, landing }): Goal => ({
          name: 'large-room',
          workload: name,
          goal: `p99 of lateness below ${goalMs} ms`,
          measured: `${ms(landing.lateMsP99)} ms, ${percent(landing.thread)} of a core`,
          reached: isInTime(landing),
        }),
      ),
    ],
    notes: [
      ...rows
        .filter(({ landing }) => landing.offered < 0.98)
        .map(
          ({ name, landing }) =>
            `${name}, ${landing.phones} phones: the load sent ${percent(landing.offered)} of its packets in time.`,
        ),
      ...stairs
        .filter(({ most }) => most >= mostPhones)
        .map(
          ({ name }) =>
            `Rooms of ten, ${name}: ${mostPhones} phones are where the staircase ends, not where the thread does.`,
        ),
    ],
    results: { stairs, large },
  };
}

/** Up while ticks are in time. */
async function climb({ rounds, quick, step }: Effort, name: string, speakers: number): Promise<Landing[]> {
  const landings: Landing[] = [];
  await using stage = await openStage();
  let phones = 0;
  const climbTo = async (wanted: number) => {
    step(`${name}: ${wanted} phones`);
    for (; phones < wanted; phones += perRoom) await enterRoom(stage, `room-${phones}`, perRoom, speakers);
    await sleep(settleMs);
    const landing = await measure(stage, wanted, rounds);
    landings.push(landing);
    return landing;
  };
  // What a lighter load costs belongs into the picture.
  if (!quick) await climbTo(goalPhones / 2);
  const most = quick ? goalPhones : mostPhones;
  for (let last = await climbTo(goalPhones); isInTime(last) && last.phones < most; ) {
    last = await climbTo(last.phones + stepPhones);
  }
  return landings;
}

async function enterRoom(stage: Stage, room: string, count: number, speakers: number): Promise<void> {
  const phones = await openPhones(stage, { room, count, perSocket });
  await stage.load.call('talk', {
    talks: phones.map((way, at) => ({ way, codec: 'PCMU', says: at < speakers ? 'speech' : 'noise' }) as const),
  });
}

async function watch({ load, server, costPerSecond }: Stage, phones: number) {
  await load.call('count');
  const startedMs = performance.now();
  const cost = await costPerSecond(windowSeconds);
  const counted = await load.call('count');
  const wanted = (phones * packetsPerSecond * (performance.now() - startedMs)) / 1_000;
  return { cost, ...counted, wanted, late: await server.call('lateness') };
}

async function measure(stage: Stage, phones: number, rounds: number): Promise<Landing> {
  const windows: Awaited<ReturnType<typeof watch>>[] = [];
  for (let round = 0; round < rounds; round++) windows.push(await watch(stage, phones));
  const of = (read: (window: (typeof windows)[number]) => number) => median(windows.map(read));
  return {
    phones,
    lateMsP50: of(({ late }) => late.p50),
    lateMsP99: of(({ late }) => late.p99),
    worstLateMsP99: Math.max(...windows.map(({ late }) => late.p99)),
    thread: of(({ cost }) => cost.mixer),
    main: of(({ cost }) => cost.main),
    worker: of(({ cost }) => cost.worker),
    served: of(({ received, wanted }) => received / wanted),
    gapMsP99: of(({ gapMsP99 }) => gapMsP99),
    offered: of(({ sent, wanted }) => sent / wanted),
  };
}

function isInTime({ lateMsP99 }: Landing): boolean {
  return lateMsP99 < goalMs;
}

function cells({ phones, lateMsP50, lateMsP99, worstLateMsP99, thread, main, worker, served, gapMsP99 }: Landing) {
  return [
    String(phones),
    ms(lateMsP50),
    ms(lateMsP99),
    ms(worstLateMsP99),
    percent(thread),
    percent(main),
    percent(worker),
    percent(served),
    ms(gapMsP99),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
