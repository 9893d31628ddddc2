// How long it takes from nothing to hearing somebody, through the whole server, and what a join costs it.

import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type JoinStage, type JoinTimes, joinStages } from './media/joiner.ts';
import type { JoiningCallers } from './media/joining-callers.ts';
import type { ServerProcess } from './media/server-process.ts';
import { startChild } from './support/child-calls.ts';
import { processCpuSeconds, startLoadMeter } from './support/cpu-time.ts';
import { createProgress } from './support/progress.ts';
import { publishReport } from './support/report.ts';
import { median, quantile } from './support/statistics.ts';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const perSecond = 20;
const rooms = 20;
const listenersPerRoom = 3;
const rounds = flags.quick ? 1 : 3;
const pacedJoins = perSecond * (flags.quick ? 5 : 12);
const fastJoins = flags.quick ? 400 : 1_500;
const atOnce = 8;
const idleMs = flags.quick ? 1_000 : 3_000;
const stageNames: Readonly<Record<JoinStage, string>> = {
  socket: 'WebSocket open',
  session: 'session connected',
  room: 'room joined',
  transport: 'transport made',
  track: 'track consumed',
  packet: 'first packet',
};

const progress = createProgress('joins');
progress.step('starting the server and opening rooms');
await using server = await startChild<ServerProcess>(new URL('media/server-process.ts', import.meta.url), {
  quiet: true,
});
await using callers = await startChild<JoiningCallers>(new URL('media/joining-callers.ts', import.meta.url));
const { wsUrl, pid, workerPid } = await server.call('start');
await callers.call('open', { wsUrl, rooms, listenersPerRoom, tokens: await issueTokens(rooms) });
// Fills the rooms, and lets code and caches settle.
await callers.call('joinAtOnce', { tokens: await issueTokens(rooms * listenersPerRoom + 200), atOnce });

const load = startLoadMeter([process.pid, callers.pid, pid, workerPid]);
const times: JoinTimes[] = [];
const costs: JoinCost[] = [];
const fast: { joinsPerSecond: number; cost: JoinCost }[] = [];
for (let round = 1; round <= rounds; round++) {
  const inRound = `round ${round} of ${rounds}`;
  progress.step(`${inRound}: full rooms, nobody joins`);
  const idle = await measureIdle();
  const paced = await measureJoins(`${inRound}: ${perSecond} joins/s`, pacedJoins, idle, (tokens) =>
    callers.call('joinAtRate', { tokens, perSecond }),
  );
  times.push(...paced.result);
  costs.push(paced.cost);
  const { result: joinsPerSecond, cost } = await measureJoins(
    `${inRound}: as fast as ${atOnce} callers at once can`,
    fastJoins,
    idle,
    (tokens) => callers.call('joinAtOnce', { tokens, atOnce }),
  );
  fast.push({ joinsPerSecond, cost });
}
progress.done();

const stages = summarizeStages(times);
const cost = { paced: medianCost(costs), fast: medianCost(fast.map((round) => round.cost)) };
const joinsPerSecond = median(fast.map((round) => round.joinsPerSecond));
const total = stages.at(-1);
const machineLoad = load.stop();
// Callers, server and worker fill one core as it is; who else wants it makes everybody wait.
const isDisturbed = machineLoad.othersCpuPercent > 30;
publishReport(
  {
    name: 'joins',
    title: `Joins: from nothing to the first packet, ${perSecond} a second`,
    method:
      `${times.length} joins into ${rooms} rooms of ${listenersPerRoom + 1} of the whole server, each due at a fixed time whatever the others do: WebSocket, session, room, transport, track, ICE and DTLS, until the first packet of the room’s speaker is decrypted. ` +
      'As one joins, another leaves. A speaker sends a packet every 20 ms, so the last stage has 10 ms of waiting in it.',
    table: {
      columns: [
        { title: 'stage' },
        { title: 'p50 ms', align: 'right' },
        { title: 'p99 ms', align: 'right' },
        { title: 'share', align: 'right' },
        { title: 'reached p50', align: 'right' },
        { title: 'reached p99', align: 'right' },
      ],
      rows: stages.map((stage) => [
        stageNames[stage.stage],
        stage.tookP50Ms.toFixed(1),
        stage.tookP99Ms.toFixed(1),
        `${((100 * stage.tookP50Ms) / (total?.reachedP50Ms ?? Number.NaN)).toFixed(0)} %`,
        stage.reachedP50Ms.toFixed(1),
        stage.reachedP99Ms.toFixed(1),
      ]),
    },
    notes: [
      `A join, and the leaving of another, cost the server ${describeCost(cost.paced)} at ${perSecond} joins/s.`,
      `As fast as ${atOnce} callers at once can: ${joinsPerSecond.toFixed(0)} joins/s, with callers, server and worker on the same ${availableParallelism()} cores; ${describeCost(cost.fast)} a join, and ${cost.fast.callersMs.toFixed(1)} ms of the callers.`,
      ...(isDisturbed
        ? ['Others were busy on these cores: take the times as an upper bound, the 99th percentiles above all.']
        : []),
    ],
    packages: ['mediasoup', 'uWebSockets.js', 'node-datachannel', 'ws'],
    load: machineLoad,
    settings: { perSecond, rooms, listenersPerRoom, rounds, pacedJoins, fastJoins, atOnce },
    results: {
      stages: Object.fromEntries(stages.map(({ stage, ...figures }) => [stage, figures])),
      cost,
      joinsPerSecond,
    },
  },
  { record: !flags.quick },
);

interface JoinCost {
  readonly nodeMs: number;
  readonly workerMs: number;
  readonly callersMs: number;
}

async function issueTokens(count: number): Promise<string[]> {
  return server.call('issueTokens', { count });
}

/** CPU seconds a second of the three processes while the rooms are full and nobody joins. */
async function measureIdle(): Promise<number[]> {
  const before = cpuSeconds();
  await sleep(idleMs);
  return cpuSeconds().map((seconds, at) => ((seconds - (before[at] ?? 0)) * 1000) / idleMs);
}

async function measureJoins<Result>(
  what: string,
  count: number,
  idle: readonly number[],
  run: (tokens: string[]) => Promise<Result>,
): Promise<{ result: Result; cost: JoinCost }> {
  const tokens = await issueTokens(count);
  const joinedBefore = await callers.call('progress');
  const timer = setInterval(() => {
    callers.call('progress').then(
      (joined) => progress.step(`${what}: ${joined - joinedBefore} of ${count}`),
      () => {},
    );
  }, 1_000);
  const startedMs = performance.now();
  const before = cpuSeconds();
  const result = await run(tokens).finally(() => clearInterval(timer));
  const seconds = (performance.now() - startedMs) / 1000;
  const [nodeMs = 0, workerMs = 0, callersMs = 0] = cpuSeconds().map(
    (after, at) => (1000 * (after - (before[at] ?? 0) - seconds * (idle[at] ?? 0))) / count,
  );
  return { result, cost: { nodeMs, workerMs, callersMs } };
}

function cpuSeconds(): number[] {
  return [pid, workerPid, callers.pid].map(processCpuSeconds);
}

function medianCost(rounds: readonly JoinCost[]): JoinCost {
  return {
    nodeMs: median(rounds.map(({ nodeMs }) => nodeMs)),
    workerMs: median(rounds.map(({ workerMs }) => workerMs)),
    callersMs: median(rounds.map(({ callersMs }) => callersMs)),
  };
}

function describeCost({ nodeMs, workerMs }: JoinCost): string {
  return `${nodeMs.toFixed(2)} ms CPU of Node.js and ${workerMs.toFixed(2)} ms of the media worker`;
}

function summarizeStages(all: readonly JoinTimes[]) {
  return joinStages.map((stage, at) => {
    const before = joinStages[at - 1];
    const took = all.map((times) => times[stage] - (before === undefined ? 0 : times[before]));
    const reached = all.map((times) => times[stage]);
    return {
      stage,
      tookP50Ms: quantile(took, 0.5),
      tookP99Ms: quantile(took, 0.99),
      reachedP50Ms: quantile(reached, 0.5),
      reachedP99Ms: quantile(reached, 0.99),
    };
  });
}
