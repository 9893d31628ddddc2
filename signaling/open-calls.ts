import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { Call } from './call.ts';

/** The calls of one connection that are not answered yet. The gateway bounds how many there are. */
export class OpenCalls {
  readonly #clock: Clock;
  readonly #calls = new Set<Call>();
  #onNone: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Ends with the answer, or as soon as the call is aborted, by its deadline too; an answer that comes after that is dropped.
   */
  wait(call: Call, answer: Promise<object>, timeoutMs: number): Promise<object> {
    this.#calls.add(call);
    const deadline = this.#clock.after(timeoutMs, () => call.abort(new AppError('CALL_TIMEOUT', { timeoutMs })));
    const aborted = new Promise<never>((_resolve, reject) => call.onAborted(reject));
    return Promise.race([answer, aborted]).finally(() => {
      deadline.cancel();
      this.#calls.delete(call);
      if (this.#calls.size === 0) this.#onNone?.();
    });
  }

  abortAll(error: AppError): void {
    for (const call of [...this.#calls]) call.abort(error);
  }

  /** Calls back when no call is open: at once, or when the last one has ended. */
  whenNone(callback: () => void): void {
    if (this.#calls.size === 0) callback();
    else this.#onNone = callback;
  }
}
