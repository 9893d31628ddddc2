// Media: what forwarding costs in a room, how little of many microphones is forwarded, how fast people come in.

import { parseArgs } from 'node:util';
import { describeMisses, type Effort, type Findings } from './chat/findings.ts';
import { reasons } from './media/reasons.ts';
import { fanOut } from './media/workloads/fan-out.ts';
import { janus } from './media/workloads/janus.ts';
import { joinStorm } from './media/workloads/join-storm.ts';
import { openMicrophones } from './media/workloads/open-microphones.ts';
import { recording } from './media/workloads/recording.ts';
import { twoWorkers } from './media/workloads/two-workers.ts';
import { endedChildrenCpuSeconds, type MachineLoad, startLoadMeter, worstOf } from './support/cpu-time.ts';
import { createProgress } from './support/progress.ts';
import { publishReport } from './support/report.ts';

const workloads: Readonly<Record<string, (effort: Effort) => Promise<Findings>>> = {
  'fan-out': fanOut,
  janus,
  workers: twoWorkers,
  floor: openMicrophones,
  joins: joinStorm,
  recording,
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

const progress = createProgress('media');
const loads: MachineLoad[] = [];
const found: Record<string, Findings> = {};
for (const name of wanted) {
  const measure = workloads[name];
  if (!measure) throw new Error(`There is no workload ${name}: it is one of ${Object.keys(workloads).join(', ')}.`);
  const load = startLoadMeter([process.pid], endedChildrenCpuSeconds);
  found[name] = await measure({ rounds, quick: flags.quick, step: (text) => progress.step(`${name}: ${text}`) });
  loads.push(load.stop());
}
progress.done();

const all = Object.values(found);
const goals = all.flatMap((findings) => findings.goals);
const load = worstOf(loads);
publishReport(
  {
    name: 'media',
    title: 'Media: rooms, voices and joins',
    method:
      'Callers have real ICE, DTLS and SRTP and are processes of their own on the same machine. What is compared has the same callers and takes turns; figures are medians of the turns where nothing else is said.',
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
      // A guest on the same cores makes everybody wait, and fills the caches with things of its own.
      ...(load.othersCpuPercent > 50 ? ['Others were busy on these cores: take the ratios, and leave the times.'] : []),
    ],
    packages: ['mediasoup', 'node-datachannel'],
    load,
    settings: { rounds },
    results: Object.fromEntries(
      Object.entries(found).map(([name, findings]) => [name, { goals: findings.goals, results: findings.results }]),
    ),
  },
  { record: !flags.quick && flags.only === '' },
);
