import type { Defer } from '../defer.ts';

/** Turns of the event loop that come when a test says so. */
export class ManualTurns {
  #deferred: (() => void)[] = [];

  readonly defer: Defer = (callback) => {
    this.#deferred.push(callback);
  };

  /** Ends this turn: promises that are due first, then what was deferred in it. */
  async end(): Promise<void> {
    await settlePromises();
    this.endNow();
    await settlePromises();
  }

  /** Without the promises. */
  endNow(): void {
    const due = this.#deferred;
    this.#deferred = [];
    for (const callback of due) callback();
  }
}

/** Everything that promises lead to without anything from outside. */
export async function settlePromises(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}
