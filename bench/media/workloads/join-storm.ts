// A hundred people come into one room within ten seconds, through the whole server.

import { startChild } from '../../support/child-calls.ts';
import { processCpuSeconds } from '../../support/cpu-time.ts';
import type { Effort, Findings } from '../../support/findings.ts';
import { quantile } from '../../support/statistics.ts';
import { type JoinStage, type JoinTimes, joinStages } from '../joiner.ts';
import type { JoiningCallers } from '../joining-callers.ts';
import type { ServerProcess } from '../server-process.ts';

const people = 100;
const overSeconds = 10;
const stageNames: Readonly<Record<JoinStage, string>> = {
  socket: 'WebSocket open',
  session: 'session connected',
  room: 'room joined',
  transport: 'transport made',
  track: 'track consumed',
  packet: 'first packet',
};

export async function joinStorm({ rounds, step }: Effort): Promise<Findings> {
  await using server = await startChild<ServerProcess>(new URL('../server-process.ts', import.meta.url), {
    quiet: true,
  });
  await using callers = await startChild<JoiningCallers>(new URL('../joining-callers.ts', import.meta.url));
  step('starting the server');
  const { wsUrl, pid, workerPid } = await server.call('start');
  const tokens = (count: number) => server.call('issueTokens', { count });
  await callers.call('open', { wsUrl, rooms: 1, listenersPerRoom: people, tokens: await tokens(1) });
  // Fills the room, so that each who comes sends another away, and lets code and caches settle.
  await callers.call('joinAtOnce', { tokens: await tokens(people), atOnce: 4 });
  const times: JoinTimes[] = [];
  const cpu = () => [processCpuSeconds(pid), processCpuSeconds(workerPid)] as const;
  const before = cpu();
  for (let round = 1; round <= rounds; round++) {
    step(`round ${round} of ${rounds}: ${people} joins in ${overSeconds} s`);
    times.push(
      ...(await callers.call('joinAtRate', { tokens: await tokens(people), perSecond: people / overSeconds })),
    );
  }
  const [nodeMs, workerMs] = cpu().map((after, at) => (1000 * (after - (before[at] ?? 0))) / times.length);
  const reached = joinStages.map((stage) => {
    const all = times.map((each) => each[stage]);
    return { stage, p50Ms: quantile(all, 0.5), p99Ms: quantile(all, 0.99) };
  });
  const last = reached.at(-1);
  return {
    title: `A storm of ${people} joins in ${overSeconds} s`,
    method: `Into one room of ${people} who listen to one voice; each join is due at a fixed time, and somebody leaves meanwhile. From the opening of the WebSocket to the first packet that is decrypted, with ${rounds} rounds.`,
    table: {
      columns: [
        { title: 'stage' },
        { title: 'reached p50 ms', align: 'right' },
        { title: 'reached p99 ms', align: 'right' },
      ],
      rows: reached.map(({ stage, p50Ms, p99Ms }) => [stageNames[stage], p50Ms.toFixed(1), p99Ms.toFixed(1)]),
    },
    goals: [
      {
        name: 'joins',
        workload: `${people} joins in ${overSeconds} s`,
        goal: 'all hear somebody; the 99th percentile is told',
        measured: `${last?.p99Ms.toFixed(0)} ms`,
        reached: times.length === rounds * people && Number.isFinite(last?.p99Ms),
      },
    ],
    notes: [
      `A join into the room of ${people}, with the leaving of another and what is forwarded meanwhile, cost ${nodeMs?.toFixed(1)} ms CPU of Node.js and ${workerMs?.toFixed(1)} ms of the worker.`,
    ],
    results: { stages: reached, nodeMs, workerMs },
  };
}
