import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** What this thread has cost, in seconds of a core; elsewhere than on Linux, how long it was busy. */
export function threadCpuSeconds(): number {
  try {
    // Its first number is nanoseconds on a processor.
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ', 1)[0]) / 1e9;
  } catch {
    return performance.eventLoopUtilization().active / 1000;
  }
}
