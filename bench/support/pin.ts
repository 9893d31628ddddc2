import { execFileSync } from 'node:child_process';

/** What is measured runs on one core, all its threads included, and its clients on the other. */
export const serverCore = 0;
export const clientCore = 1;

/** Threads that a process starts later stay on its core too. */
export function pin(pid: number, core: number): void {
  try {
    execFileSync('taskset', ['-acp', String(core), String(pid)], { stdio: 'ignore' });
  } catch {
    // Not on every system. CPU seconds are counted all the same.
  }
}
