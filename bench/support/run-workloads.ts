// A benchmark of several workloads: which are wanted, in which order, how busy others were, and the report of all.

import { parseArgs } from 'node:util';
import { endedChildrenCpuSeconds, type MachineLoad, startLoadMeter, worstOf } from './cpu-time.ts';
import { describeMisses, type Effort, type Findings } from './findings.ts';
import { createProgress } from './progress.ts';
import { publishReport } from './report.ts';

export interface Benchmark {
  readonly name: string;
  readonly title: string;
  method(rounds: number): string;
  readonly workloads: Readonly<Record<string, (effort: Effort) => Promise<Findings>>>;
  /** Why a goal is missed, by its name. */
  readonly reasons: Readonly<Record<string, string>>;
  /** Whose versions the report names. */
  readonly packages: readonly string[];
}

/** Above it, in per cent of one core, waiting for the others is a good part of what a clock shows. */
const busyPercent = 50;
const tellingMs = 1_000;

/** As in `npm run bench:chat -- --quick --only storm,gap`. Only a whole run is recorded. */
export async function runWorkloads({ name, title, method, workloads, reasons, packages }: Benchmark): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      rounds: { type: 'string', default: '' },
    },
  });
  const rounds = Number(flags.rounds) || (flags.quick ? 1 : 3);
  const wanted = (flags.only === '' ? Object.keys(workloads) : flags.only.split(',')).map((one) => {
    const measure = workloads[one];
    if (!measure) throw new Error(`There is no workload ${one}: it is one of ${Object.keys(workloads).join(', ')}.`);
    return { one, measure };
  });

  const progress = createProgress(name);
  const loads: MachineLoad[] = [];
  let brief: MachineLoad | undefined;
  const found: { one: string; findings: Findings; tookSeconds: number }[] = [];
  for (const { one, measure } of wanted) {
    const load = startLoadMeter([process.pid], endedChildrenCpuSeconds);
    const startedMs = performance.now();
    const findings = await measure({ rounds, quick: flags.quick, step: (text) => progress.step(`${one}: ${text}`) });
    found.push({ one, findings, tookSeconds: Math.round((performance.now() - startedMs) / 1000) });
    const busy = load.stop();
    // Of next to no time the kernel's ticks tell nothing.
    if (performance.now() - startedMs > tellingMs) loads.push(busy);
    else brief = busy;
  }
  progress.done();

  const all = found.map(({ findings }) => findings);
  const goals = all.flatMap((findings) => findings.goals);
  const load = loads.length === 0 && brief ? brief : worstOf(loads);
  const minutes = found.reduce((sum, { tookSeconds }) => sum + tookSeconds, 0) / 60;
  publishReport(
    {
      name,
      title,
      method: method(rounds),
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
        ...(load.othersCpuPercent > busyPercent
          ? ['Others were busy on these cores: take the ratios, and leave the times.']
          : []),
        `The whole run took ${minutes.toFixed(1)} minutes.`,
      ],
      packages,
      load,
      settings: { rounds },
      results: Object.fromEntries(
        found.map(({ one, findings: { goals, results }, tookSeconds }) => [one, { tookSeconds, goals, results }]),
      ),
    },
    { record: !flags.quick && flags.only === '' },
  );
}
