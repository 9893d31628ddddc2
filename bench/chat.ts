// Chat that loses nothing, against Socket.IO, ws and uWebSockets.js: what it costs, what it holds, what it keeps.

import { parseArgs } from 'node:util';
import { secondsOfEnded } from './chat/contest.ts';
import { describeMisses, type Effort, type Findings } from './chat/findings.ts';
import { reasons } from './chat/reasons.ts';
import { acknowledgements } from './chat/workloads/acks.ts';
import { codecs, largeRoom, smallRooms } from './chat/workloads/fan-out.ts';
import { idleMemory } from './chat/workloads/idle-memory.ts';
import { recoveryGap } from './chat/workloads/recovery-gap.ts';
import { stalledReader } from './chat/workloads/stalled-reader.ts';
import { storeAlone } from './chat/workloads/store.ts';
import { reconnectStorm } from './chat/workloads/storm.ts';
import { startLoadMeter } from './support/cpu-time.ts';
import { createProgress } from './support/progress.ts';
import { publishReport } from './support/report.ts';

const workloads: Readonly<Record<string, (effort: Effort) => Promise<Findings>>> = {
  idle: idleMemory,
  'large-room': largeRoom,
  'small-rooms': smallRooms,
  store: storeAlone,
  acks: acknowledgements,
  storm: reconnectStorm,
  stalled: stalledReader,
  gap: recoveryGap,
  codecs,
};

// As in `npm run bench:chat -- --quick --only storm,gap`.
const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '' },
  },
});
const wanted = flags.only === '' ? Object.keys(workloads) : flags.only.split(',');
const rounds = Number(flags.rounds) || (flags.quick ? 1 : 3);

const progress = createProgress('chat');
const load = startLoadMeter([process.pid], secondsOfEnded);
const found: Record<string, Findings> = {};
const tookSeconds: Record<string, number> = {};
for (const name of wanted) {
  const measure = workloads[name];
  if (!measure) throw new Error(`There is no workload ${name}: it is one of ${Object.keys(workloads).join(', ')}.`);
  const startedMs = performance.now();
  found[name] = await measure({ rounds, quick: flags.quick, step: (text) => progress.step(`${name}: ${text}`) });
  tookSeconds[name] = Math.round((performance.now() - startedMs) / 1000);
}
const machineLoad = load.stop();
progress.done();

const all = Object.values(found);
const goals = all.flatMap((findings) => findings.goals);
publishReport(
  {
    name: 'chat',
    title: 'Chat: a durable log, against Socket.IO, ws and uWebSockets.js',
    method: `Each server is a process of compiled JavaScript with all its threads on one core, that of Parley’s store included, and its clients are raw TCP sockets on the other core; CPU seconds are those of all threads of the server. Messages are sent at fixed times, whatever comes back, and delays are counted from those times; servers take turns in ${rounds} interleaved rounds, figures are medians where nothing else is said. Parley is the whole server: gateway, sessions, grants, limits, the room’s log, numbers and acknowledgements. The others get the same texts from the same clients at the same times, deliver them and keep nothing, number nothing and acknowledge nothing. Socket.IO is tuned as its documentation says: WebSocket only, no compression, the request of the upgrade let go of. Nobody pings.`,
    table: {
      columns: [{ title: 'workload' }, { title: 'goal' }, { title: 'measured' }, { title: 'verdict' }],
      rows: goals.map(({ workload, goal, measured, reached }) => [
        workload,
        goal,
        measured,
        reached ? 'reached' : '**not reached**',
      ]),
    },
    parts: all,
    notes: [
      ...describeMisses(goals, reasons),
      ...all.flatMap(({ notes }) => notes),
      `The whole run took ${Math.round(Object.values(tookSeconds).reduce((sum, seconds) => sum + seconds, 0) / 6) / 10} minutes.`,
    ],
    packages: ['uWebSockets.js', 'ws', 'socket.io', 'better-sqlite3'],
    load: machineLoad,
    settings: { rounds },
    results: Object.fromEntries(
      Object.entries(found).map(([name, { goals, results }]) => [
        name,
        { tookSeconds: tookSeconds[name], goals, results },
      ]),
    ),
  },
  { record: !flags.quick && flags.only === '' },
);
