import { tickMs } from './ticker.ts';

/** A tick may come so much late, and a packet is still read when it comes. */
const punctualMs = 1;

/** Tells since when a packet may have waited to be read: the thread was late with what it does at each tick, so with reading too. */
export class Reading {
  #tickMs: number | undefined;

  /** Of each tick: when it was due. */
  tick(dueMs: number): void {
    this.#tickMs = dueMs;
  }

  /** No ticks come for a while. */
  stop(): void {
    this.#tickMs = undefined;
  }

  /** For a packet that is read now. */
  sinceMs(nowMs: number): number {
    const lastMs = this.#tickMs;
    return lastMs !== undefined && nowMs > lastMs + tickMs + punctualMs ? lastMs : nowMs;
  }
}
