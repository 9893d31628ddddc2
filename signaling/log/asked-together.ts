// Asks the store together for what is asked for together: while a call is under way the next one collects.

import { AppError } from '../../core/errors.ts';
import { storeBusyRetryMs, toStoreProblem } from './store-problem.ts';

interface AskedTogetherParts<Item, Result> {
  /** Answers in the order of the items. */
  readonly ask: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly maxOfCall: number;
  /** Beyond it STORE_BUSY. */
  readonly maxWaiting: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (problem: AppError) => void;
}

export class AskedTogether<Item, Result> {
  readonly #parts: AskedTogetherParts<Item, Result>;
  readonly #waiting: Waiting<Item, Result>[] = [];
  #busy = false;

  constructor(parts: AskedTogetherParts<Item, Result>) {
    this.#parts = parts;
  }

  /** @throws {AppError} STORE_BUSY, STORE_UNAVAILABLE and its like, by rejection. */
  get(item: Item): Promise<Result> {
    if (this.#waiting.length >= this.#parts.maxWaiting) {
      return Promise.reject(new AppError('STORE_BUSY', {}, { retryAfterMs: storeBusyRetryMs }));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#busy) return;
      this.#busy = true;
      queueMicrotask(() => void this.#askAll());
    });
  }

  async #askAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const some = this.#waiting.splice(0, this.#parts.maxOfCall);
      try {
        const results = await this.#parts.ask(some.map(({ item }) => item));
        for (const [index, { resolve, reject }] of some.entries()) {
          const result = results[index];
          if (result === undefined) reject(new AppError('INTERNAL'));
          else resolve(result);
        }
      } catch (thrown) {
        const problem = toStoreProblem(thrown);
        for (const { reject } of some) reject(problem);
      }
    }
    this.#busy = false;
  }
}
