import type { Clock } from '../core/clock.ts';
import type { UserAgent } from './agent/user-agent/user-agent.ts';

const lookEveryMs = 250;

/** Takes no new calls, and waits until those that run are over; not longer than `withinMs`. */
export function drainCalls(
  agent: Pick<UserAgent, 'drain' | 'load'>,
  clock: Pick<Clock, 'monotonicMs' | 'after'>,
  withinMs: number,
): Promise<void> {
  agent.drain();
  const endMs = clock.monotonicMs() + withinMs;
  return new Promise((resolve) => {
    const look = () => {
      const leftMs = endMs - clock.monotonicMs();
      if (agent.load.calls === 0 || leftMs <= 0) resolve();
      else clock.after(Math.min(lookEveryMs, leftMs), look);
    };
    look();
  });
}
