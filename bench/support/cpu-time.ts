// CPU time of processes and of the whole machine, so that a benchmark can say what it cost and who else was busy.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';

/**
 * CPU seconds of a process and all its threads since it started. On Linux from the scheduler's own account in
 * nanoseconds: `/proc/<pid>/stat` counts ticks of 10 ms, which is too coarse for slices of a second.
 */
export function processCpuSeconds(pid: number): number {
  if (process.platform !== 'linux') return psCpuSeconds(pid);
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(threadRunTime(pid, thread));
  }
  return nanoseconds / 1e9;
}

export function cpuSecondsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + processCpuSeconds(pid), 0);
}

/** A thread may end between the listing and the reading. */
function threadRunTime(pid: number, thread: string): string {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0] ?? '0';
  } catch {
    return '0';
  }
}

/** CPU seconds of the children of this process that have ended, and of theirs. Only Linux tells. */
export function endedChildrenCpuSeconds(): number {
  if (process.platform !== 'linux') return 0;
  // proc(5): behind the name in parentheses, cutime and cstime are the 14th and 15th, in ticks of 10 ms.
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** `[[dd-]hh:]mm:ss.ff` as BSD and macOS print it. */
function psCpuSeconds(pid: number): number {
  const text = execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  return text.split(/[-:]/).reduce((seconds, part) => seconds * 60 + Number(part), 0);
}

/** Busy seconds of all cores since the machine started. */
function machineBusySeconds(): number {
  if (process.platform === 'linux') {
    const [, user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'utf8')
      .split('\n', 1)
      .join()
      .split(/\s+/);
    return [user, nice, system, irq, softirq].reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  }
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;
}

/** How busy the machine was over some time. 100 % is one core. */
export interface MachineLoad {
  readonly cores: number;
  readonly loadAverage: number;
  readonly ownCpuPercent: number;
  /** Everything on this machine that the benchmark did not start. Above some 50 % wall-clock figures mean little. */
  readonly othersCpuPercent: number;
}

export interface LoadMeter {
  stop(): MachineLoad;
}

/**
 * Measures from now on. Processes of `ownPids` must live until `stop`; `ownEnded` tells the CPU seconds of own processes that
 * came and went.
 */
export function startLoadMeter(ownPids: readonly number[], ownEnded: () => number = () => 0): LoadMeter {
  const own = () => cpuSecondsOf(ownPids) + ownEnded();
  const startedMs = performance.now();
  const startBusy = machineBusySeconds();
  const startOwn = own();
  return {
    stop() {
      const seconds = (performance.now() - startedMs) / 1000;
      const ownSeconds = own() - startOwn;
      const othersSeconds = Math.max(0, machineBusySeconds() - startBusy - ownSeconds);
      return {
        cores: availableParallelism(),
        loadAverage: round(loadavg()[0] ?? 0, 2),
        ownCpuPercent: round((100 * ownSeconds) / seconds, 0),
        othersCpuPercent: round((100 * othersSeconds) / seconds, 0),
      };
    },
  };
}

/** The busiest that others were in any of some measurements; a run has at least one. */
export function worstOf(loads: readonly MachineLoad[]): MachineLoad {
  return loads.reduce((worst, load) => (load.othersCpuPercent > worst.othersCpuPercent ? load : worst));
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
