// Chat that loses nothing, against Socket.IO, ws and uWebSockets.js: what it costs, what it holds, what it keeps.

import { parseArgs } from 'node:util';
import { secondsOfEnded } from './chat/contest.ts';
import type { Effort, Findings } from './chat/findings.ts';
import { acknowledgements } from './chat/workloads/acks.ts';
import { codecs, largeRoom, smallRooms } from './chat/workloads/fan-out.ts';
import { idleMemory } from './chat/workloads/idle-memory.ts';
import { recoveryGap } from './chat/workloads/recovery-gap.ts';
import { stalledReader } from './chat/workloads/stalled-reader.ts';
import { reconnectStorm } from './chat/workloads/storm.ts';
import { startLoadMeter } from './support/cpu-time.ts';
import { createProgress } from './support/progress.ts';
import { publishReport } from './support/report.ts';

const workloads: Readonly<Record<string, (effort: Effort) => Promise<Findings>>> = {
  W1: idleMemory,
  W2: largeRoom,
  W3: smallRooms,
  ACK: acknowledgements,
  W5: reconnectStorm,
  W6: stalledReader,
  GAP: recoveryGap,
  W8: codecs,
};

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
for (const name of wanted) {
  const measure = workloads[name];
  if (!measure) throw new Error(`There is no workload ${name}: it is one of ${Object.keys(workloads).join(', ')}.`);
  found[name] = await measure({ rounds, quick: flags.quick, step: (text) => progress.step(`${name}: ${text}`) });
}
const machineLoad = load.stop();
progress.done();

const all = Object.values(found);
publishReport(
  {
    name: 'chat',
    title: 'Chat: a durable log, against Socket.IO, ws and uWebSockets.js',
    method:
      'Each server is a process on one core, its clients raw TCP sockets on the other; messages are sent at fixed times, whatever comes back, and delays are counted from those times. Parley is the whole server: gateway, sessions, grants, limits, the room’s log and acknowledgements. The others deliver and keep nothing; Socket.IO is tuned as its documentation says.',
    table: {
      columns: [{ title: 'workload' }, { title: 'goal' }, { title: 'measured' }, { title: 'reached' }],
      rows: all.flatMap(({ goals }) =>
        goals.map(({ workload, goal, measured, reached }) => [workload, goal, measured, reached ? 'yes' : '**no**']),
      ),
    },
    parts: all,
    notes: all.flatMap(({ notes }) => notes),
    packages: ['uWebSockets.js', 'ws', 'socket.io', 'better-sqlite3'],
    load: machineLoad,
    settings: { rounds },
    results: Object.fromEntries(Object.entries(found).map(([name, { goals, results }]) => [name, { goals, results }])),
  },
  { record: !flags.quick && flags.only === '' },
);
