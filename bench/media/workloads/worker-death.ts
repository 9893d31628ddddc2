// A media worker is killed: how long until everybody who stood on it is back, through the whole server.

import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from '../../support/child-calls.ts';
import { processCpuSeconds } from '../../support/cpu-time.ts';
import type { Effort, Findings } from '../../support/findings.ts';
import type { Comeback, ReturningCallers } from '../returning-callers.ts';
import type { ServerProcess } from '../server-process.ts';

const goalSeconds = 3;
const peoplePerRoom = 50;
const givenUpAfterMs = 60_000;

interface Death {
  readonly people: number;
  readonly toldMs: number;
  readonly upMs: number;
  readonly heardMs: number;
  /** CPU of each transport that was made anew, in milliseconds. */
  readonly nodeMs: number;
  readonly callersMs: number;
}

export async function workerDeath({ quick, step }: Effort): Promise<Findings> {
  const sizes = quick ? [25, 50] : [50, 100, 200];
  const deaths: Death[] = [];
  for (const people of sizes) {
    step(`${people} people on one worker`);
    deaths.push(await kill(people));
  }
  const promised = deaths.find(({ people }) => people === (quick ? 50 : 100)) as Death;
  return {
    title: 'A media worker dies',
    method:
      'Rooms of 50 on one worker, in each of which one speaks and all others listen; each has a transport either way. The worker is killed; each client makes both transports again when it is told. Times are from the kill to the last of them: told of it, with both transports up (ICE and DTLS), and hearing the first packet. One run each.',
    table: {
      columns: [
        { title: 'people', align: 'right' },
        { title: 'told ms', align: 'right' },
        { title: 'up ms', align: 'right' },
        { title: 'heard ms', align: 'right' },
        { title: 'transports/s', align: 'right' },
        { title: 'Node.js ms a transport', align: 'right' },
        { title: 'callers ms a transport', align: 'right' },
      ],
      rows: deaths.map(({ people, toldMs, upMs, heardMs, nodeMs, callersMs }) => [
        String(people),
        toldMs.toFixed(0),
        upMs.toFixed(0),
        heardMs.toFixed(0),
        ((2000 * people) / (upMs - toldMs)).toFixed(0),
        nodeMs.toFixed(1),
        callersMs.toFixed(1),
      ]),
    },
    goals: [
      {
        name: 'death',
        workload: `a worker with ${promised.people} people dies`,
        goal: `all of them hear again within ${goalSeconds} s`,
        measured: `${(promised.heardMs / 1000).toFixed(1)} s`,
        reached: promised.heardMs <= 1000 * goalSeconds,
      },
    ],
    notes: [],
    results: { deaths },
  };
}

async function kill(people: number): Promise<Death> {
  await using server = await startChild<ServerProcess>(new URL('../server-process.ts', import.meta.url), {
    quiet: true,
  });
  await using callers = await startChild<ReturningCallers>(new URL('../returning-callers.ts', import.meta.url));
  const { wsUrl, pid, workerPid } = await server.call('start');
  const rooms = Math.ceil(people / peoplePerRoom);
  await callers.call('open', { wsUrl, rooms, tokens: await server.call('issueTokens', { count: people }) });
  const before = [pid, callers.pid].map(processCpuSeconds);
  const killedAtMs = Date.now();
  process.kill(workerPid, 'SIGKILL');
  const back = await comebacks(callers.call, people);
  const [nodeMs = 0, callersMs = 0] = [pid, callers.pid].map(
    (each, at) => (1000 * (processCpuSeconds(each) - (before[at] ?? 0))) / (2 * people),
  );
  const last = (read: (comeback: Comeback) => number) => Math.max(...back.map(read)) - killedAtMs;
  return {
    people,
    toldMs: last(({ toldAtMs }) => toldAtMs),
    upMs: last(({ upAtMs }) => upAtMs),
    heardMs: last(({ heardAtMs }) => heardAtMs),
    nodeMs,
    callersMs,
  };
}

async function comebacks(call: (name: 'comebacks') => Promise<Comeback[]>, people: number): Promise<Comeback[]> {
  const untilMs = Date.now() + givenUpAfterMs;
  for (;;) {
    const back = await call('comebacks');
    if (back.length === people) return back;
    if (Date.now() > untilMs) throw new Error(`${back.length} of ${people} came back.`);
    // Asking costs the callers, too.
    await sleep(100);
  }
}
