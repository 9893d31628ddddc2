/** A timer that has not fired yet; cancelling twice does nothing. */
export interface Timer {
  cancel(): void;
}

/** Time, so that tests can turn it by hand. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Milliseconds of a clock that never goes back. */
  monotonicMs(): number;
  /** Calls back once. Timers do not keep the process alive. */
  after(delayMs: number, callback: () => void): Timer;
}

/** When something was that a record says was then: not later than now, though the clock of days was set back since. */
export function toMonotonicMs(clock: Pick<Clock, 'nowMs' | 'monotonicMs'>, atMs: number): number {
  return clock.monotonicMs() - Math.max(clock.nowMs() - atMs, 0);
}

/** setTimeout fires at once beyond this; longer waits are cut into pieces. */
const maxTimeoutMs = 0x7fffffff;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    let handle: NodeJS.Timeout;
    const arm = (restMs: number) => {
      handle = setTimeout(
        () => (restMs > maxTimeoutMs ? arm(restMs - maxTimeoutMs) : callback()),
        Math.min(Math.max(restMs, 0), maxTimeoutMs),
      ).unref();
    };
    arm(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};
