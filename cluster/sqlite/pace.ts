// How often the disk is asked to write. One after another at once costs a commit each; a few milliseconds later many share one.

/** Commits that follow each other at once, after a pause. */
const burst = 8;
/** Each syncs the disk and wakes both threads, whatever is in it. */
const perSecond = 200;
/** Who waits for the answer to his last append before he makes the next gains nothing from waiting: not tried again so soon. */
const restMs = 100;
/** After a shorter wait nothing can be said, and after one that is not shorter a little. */
const fairTrialMs = 1;
const trials = 3;

/** A bucket of commits: an append that comes alone never waits, one of many waits 5 ms at most. */
export class Pace {
  #left = burst;
  #atMs: number;
  #restsUntilMs = 0;
  /** One call waits by itself, long enough for others to come. */
  #isTrial = false;
  /** Trials in a row during which nothing came. */
  #inVain = 0;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /** How long the next commit should wait; 0: it may begin. `calls`: how many it would have. */
  waitMs(nowMs: number, calls: number): number {
    this.#left = Math.min(burst, this.#left + ((nowMs - this.#atMs) * perSecond) / 1000);
    this.#atMs = nowMs;
    if (this.#isTrial) this.#inVain = calls === 1 ? this.#inVain + 1 : 0;
    this.#isTrial = false;
    if (this.#inVain >= trials) {
      this.#inVain = 0;
      this.#restsUntilMs = nowMs + restMs;
    }
    if (this.#left >= 1 || nowMs < this.#restsUntilMs) return 0;
    const waitMs = ((1 - this.#left) * 1000) / perSecond;
    this.#isTrial = calls === 1 && waitMs >= fairTrialMs;
    return waitMs;
  }

  committed(): void {
    this.#left = Math.max(this.#left - 1, 0);
  }
}
