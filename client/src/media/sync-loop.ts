import { Lifetime } from '../lifetime.ts';
import { sleep } from '../waiting.ts';

export interface SyncLoopOptions {
  /** Does the next thing that is missing. Says whether to look again at once. */
  readonly step: () => Promise<'again' | 'done'>;
  /** When to try again after a step failed, in milliseconds; undefined: only when kicked. `tries` counts from 1. */
  readonly retryInMs: (error: unknown, tries: number) => number | undefined;
}

/**
 * Brings something in line with what is wanted of it, one step after another, never two at once. Kicked while it works, it
 * looks once more afterwards; so whatever changed meanwhile is seen.
 */
export class SyncLoop {
  readonly #options: SyncLoopOptions;
  readonly #closing = new Lifetime();
  #running = false;
  #kicked = false;
  #wake = new Lifetime();
  /** Those who wait for the present round to come to an end, good or not. */
  #waiting: (() => void)[] = [];

  constructor(options: SyncLoopOptions) {
    this.#options = options;
  }

  /** Resolves when there is nothing left to do, or nothing that can be done now. */
  kick(): Promise<void> {
    if (this.#closing.ended) return Promise.resolve();
    this.#kicked = true;
    this.#wake.end();
    const round = new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (!this.#running) void this.#run();
    return round;
  }

  /** Begins no other step. */
  close(): void {
    this.#closing.end();
    this.#wake.end();
    this.#endRound();
  }

  async #run(): Promise<void> {
    this.#running = true;
    let tries = 0;
    while (this.#kicked && !this.#closing.ended) {
      this.#kicked = false;
      try {
        if ((await this.#options.step()) === 'again') this.#kicked = true;
        tries = 0;
      } catch (error) {
        tries += 1;
        await this.#waitAfter(error, tries);
      }
    }
    this.#running = false;
    this.#endRound();
  }

  async #waitAfter(error: unknown, tries: number): Promise<void> {
    // Kicked meanwhile: things have changed, and what failed may not be wanted any more.
    if (this.#kicked) return;
    const delayMs = this.#options.retryInMs(error, tries);
    if (delayMs === undefined) return;
    this.#endRound();
    this.#wake = new Lifetime();
    await sleep(delayMs, this.#wake).catch(() => {});
    this.#kicked = true;
  }

  #endRound(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
