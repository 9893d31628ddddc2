// How often the disk is asked to write. One after another at once costs a commit each; a few milliseconds later many share one.

/** Commits that follow each other at once, after a pause. */
const burst = 8;
const perSecond = 400;

/** A bucket of commits: an append that comes alone never waits, and the 9th of a burst waits 2.5 ms. */
export class Pace {
  #left = burst;
  #atMs: number;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /** How long the next commit should wait; 0: it may begin. */
  waitMs(nowMs: number): number {
    this.#left = Math.min(burst, this.#left + ((nowMs - this.#atMs) * perSecond) / 1000);
    this.#atMs = nowMs;
    return this.#left >= 1 ? 0 : ((1 - this.#left) * 1000) / perSecond;
  }

  committed(): void {
    this.#left -= 1;
  }
}
