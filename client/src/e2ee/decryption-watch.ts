import type { DecryptionProblem } from './e2ee-api.ts';
import type { Refusal } from './frame-cipher.ts';

/** While keys change, a few frames come under one that is not here yet: that is not worth a word. */
const toleratedMs = 1_000;
const toleratedFrames = 5;

/** Tells from frame to frame whether a track can be decrypted. */
export class DecryptionWatch {
  #problem: DecryptionProblem | undefined;
  #failedFrames = 0;
  #failingSinceMs = 0;

  get problem(): DecryptionProblem | undefined {
    return this.#problem;
  }

  /** Answers whether `problem` is another one now. */
  opened(): boolean {
    this.#failedFrames = 0;
    return this.#become(undefined);
  }

  /** Answers whether `problem` is another one now. Frames that came before say nothing of the key. */
  refused(refusal: Refusal, nowMs: number): boolean {
    if (refusal === 'replayed') return false;
    if (this.#failedFrames === 0) this.#failingSinceMs = nowMs;
    this.#failedFrames += 1;
    const isTolerated = this.#failedFrames < toleratedFrames || nowMs - this.#failingSinceMs < toleratedMs;
    if (isTolerated && this.#problem === undefined) return false;
    return this.#become(refusal);
  }

  #become(problem: DecryptionProblem | undefined): boolean {
    const isNews = problem !== this.#problem;
    this.#problem = problem;
    return isNews;
  }
}
