import type { Lifetime } from '../lifetime.ts';
import { during } from '../waiting.ts';

/** Lets so many at once through; the others wait in line. The line is as long as there are tracks, or rooms. */
export class Limiter {
  readonly #limit: number;
  readonly #line: (() => void)[] = [];
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async run<T>(task: () => Promise<T>, life: Lifetime): Promise<T> {
    if (this.#running >= this.#limit) await this.#queue(life);
    else this.#running += 1;
    try {
      return await task();
    } finally {
      this.#release();
    }
  }

  /** Whoever leaves hands its place to the next in line, so nobody overtakes. */
  async #queue(life: Lifetime): Promise<void> {
    let enter = () => {};
    const entered = new Promise<void>((resolve) => {
      enter = resolve;
    });
    this.#line.push(enter);
    try {
      await during(life, entered);
    } catch (error) {
      const place = this.#line.indexOf(enter);
      if (place >= 0) this.#line.splice(place, 1);
      // The place was given to this one in the very moment in which it went away.
      else this.#release();
      throw error;
    }
  }

  #release(): void {
    const next = this.#line.shift();
    if (next) next();
    else this.#running -= 1;
  }
}
