import { tickMs } from './ticker.ts';

/** What packets wait for each other at most. */
const maxWaitMs = 2;
/** A shorter wait is not worth its system call. */
const minWaitMs = 0.25;
/** To wake up and read takes that long, and a tick is not to be late. */
const marginMs = 0.5;
/** So many in a tick, or each would wait for itself alone. */
const minPackets = 20;

interface GatheringParts {
  readonly nowMs: () => number;
  /** When the thread is to do something next. */
  readonly dueMs: () => number;
  /** Lets the whole thread sleep. */
  readonly sleep?: (ms: number) => void;
}

/**
 * To wake up for a packet costs a thread as much as to pass it on. Where many come, it sleeps a moment after reading, and
 * finds several at once.
 */
export class Gathering {
  readonly #parts: Required<GatheringParts>;
  #isPlanned = false;
  #packets = 0;
  #isWorthIt = false;
  #countedMs = Number.NEGATIVE_INFINITY;
  #immediate: NodeJS.Immediate | undefined;

  constructor(parts: GatheringParts) {
    this.#parts = { sleep: createSleep(), ...parts };
  }

  /** A packet was read. */
  read(): void {
    this.#packets += 1;
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    // Behind all that is there to be read.
    this.#immediate = setImmediate(() => this.#wait());
  }

  close(): void {
    clearImmediate(this.#immediate);
  }

  #wait(): void {
    this.#isPlanned = false;
    const { nowMs, dueMs, sleep } = this.#parts;
    const now = nowMs();
    if (now - this.#countedMs >= tickMs) {
      this.#isWorthIt = this.#packets >= minPackets;
      this.#packets = 0;
      this.#countedMs = now;
    }
    const waitMs = Math.min(maxWaitMs, dueMs() - now - marginMs);
    if (this.#isWorthIt && waitMs >= minWaitMs) sleep(waitMs);
  }
}

function createSleep(): (ms: number) => void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  return (ms) => void Atomics.wait(never, 0, 0, ms);
}
