import type { AppError } from '../core/errors.ts';
import type { Call } from './call.ts';

/** How a call ends. */
export interface CallEnd {
  answered(value: object): void;
  failed(thrown: unknown): void;
}

/** The calls of one connection that are not answered yet. The gateway bounds how many there are. */
export class OpenCalls {
  /** Nothing while there is none, as on most connections most of the time, and no set for one. */
  #calls: Call | Set<Call> | undefined;
  #onNone: (() => void) | undefined;

  /**
   * Ends once: with the answer, or as soon as the call is aborted; an answer that comes after that is dropped. Callbacks, because promises in a row are most of what a call would cost.
   */
  wait(call: Call, answer: Promise<object>, end: CallEnd): void {
    this.#add(call);
    const isFirst = () => this.#remove(call);
    // Not at once: an answer that is there already counts.
    call.onAborted((error) =>
      queueMicrotask(() => {
        if (isFirst()) end.failed(error);
      }),
    );
    answer.then(
      (value) => {
        if (isFirst()) end.answered(value);
      },
      (thrown: unknown) => {
        if (isFirst()) end.failed(thrown);
      },
    );
  }

  abortAll(error: AppError): void {
    const calls = this.#calls;
    for (const call of calls instanceof Set ? [...calls] : [calls]) call?.abort(error);
  }

  /** Calls back when no call is open: at once, or when the last one has ended. */
  whenNone(callback: () => void): void {
    if (this.#calls === undefined) callback();
    else this.#onNone = callback;
  }

  #add(call: Call): void {
    const calls = this.#calls;
    if (calls === undefined) this.#calls = call;
    else if (calls instanceof Set) calls.add(call);
    else this.#calls = new Set([calls, call]);
  }

  /** False when it has ended before. */
  #remove(call: Call): boolean {
    const calls = this.#calls;
    if (calls instanceof Set) {
      if (!calls.delete(call)) return false;
      if (calls.size > 0) return true;
    } else if (calls !== call) {
      return false;
    }
    this.#calls = undefined;
    this.#onNone?.();
    return true;
  }
}
