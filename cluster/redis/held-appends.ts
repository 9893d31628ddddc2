// Appends while Redis cannot be reached: they wait for it for a moment, in their order, before they are refused.

import type { Clock, Timer } from '../../core/clock.ts';
import { type AppendResult, type NewRecord, StoreError } from '../room-log.ts';
import type { RedisLink } from './redis-link.ts';

interface HeldAppendsParts {
  readonly append: (records: readonly NewRecord[]) => Promise<readonly AppendResult[]>;
  readonly link: Pick<RedisLink, 'state'>;
  /** From the first append that finds Redis away; 0: nothing waits. */
  readonly holdMs: number;
  readonly clock: Clock;
}

/** So often it is tried again; a call without a connection costs nothing. */
const againMs = 50;

/**
 * As many wait as are called at once, which is up to the caller. What was sent and not answered is not held: it may have been
 * carried out.
 */
export class HeldAppends {
  readonly #parts: HeldAppendsParts;
  /** Since when Redis is away; those who come when that is long ago are refused at once. */
  #sinceMs: number | undefined;
  /** The last of those that wait: none may overtake another of the same room. */
  #last: Promise<void> | undefined;
  #closed = false;
  readonly #wake = new Set<() => void>();

  constructor(parts: HeldAppendsParts) {
    this.#parts = parts;
  }

  append(records: readonly NewRecord[]): Promise<readonly AppendResult[]> {
    if (this.#last !== undefined) return this.#behind(records);
    return this.#try(records).catch((error: unknown) => {
      if (!this.#mayHold(error)) throw error;
      return this.#behind(records);
    });
  }

  /** What waits is refused now. */
  close(): void {
    this.#closed = true;
    for (const wake of [...this.#wake]) wake();
  }

  #behind(records: readonly NewRecord[]): Promise<readonly AppendResult[]> {
    const before = this.#last;
    const result = this.#hold(records, before);
    const done = () => {
      if (this.#last === last) this.#last = undefined;
    };
    const last = result.then(done, done);
    this.#last = last;
    return result;
  }

  async #hold(records: readonly NewRecord[], before: Promise<void> | undefined): Promise<readonly AppendResult[]> {
    await before;
    for (;;) {
      try {
        return await this.#try(records);
      } catch (error) {
        if (!this.#mayHold(error)) throw error;
      }
      await this.#wait();
    }
  }

  async #try(records: readonly NewRecord[]): Promise<readonly AppendResult[]> {
    const { append, link, clock } = this.#parts;
    try {
      const results = await append(records);
      // Of a Redis Cluster another part may still be away.
      if (link.state === 'up') this.#sinceMs = undefined;
      return results;
    } catch (error) {
      if (isAway(error)) this.#sinceMs ??= clock.monotonicMs();
      throw error;
    }
  }

  #mayHold(error: unknown): boolean {
    const { clock, holdMs } = this.#parts;
    return isAway(error) && !this.#closed && clock.monotonicMs() - (this.#sinceMs ?? 0) < holdMs;
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const wake = () => {
        timer?.cancel();
        this.#wake.delete(wake);
        resolve();
      };
      this.#wake.add(wake);
      timer = this.#parts.clock.after(againMs, wake);
    });
  }
}

const isAway = (error: unknown): boolean => error instanceof StoreError && error.kind === 'away';
