import type { ClientTiming } from '../src/timing.ts';

/** Waits short enough for tests, and long enough for a busy machine where a test waits for something to happen. */
export const quickTiming: Partial<ClientTiming> = {
  reconnectBaseMs: 5,
  reconnectCapMs: 20,
  retryBaseMs: 5,
  retryCapMs: 20,
  markIntervalMs: 20,
};
