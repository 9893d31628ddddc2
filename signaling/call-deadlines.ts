// When calls have waited long enough. Those with the same time to wait end in the order in which they began: one timer is
// enough for all of them, and most calls end before they are looked at.

import type { Clock, Timer } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';

/** What is to end in time. */
export interface Abortable {
  abort(error: AppError): void;
}

/** One that waits, in the list of its kind. */
export interface Deadline {
  /** Nothing is waited for any more. To be called once. */
  cancel(): void;
}

export class CallDeadlines {
  readonly #clock: Clock;
  /** By how long is waited: as many as the contract has timeouts. */
  readonly #lines = new Map<number, Line>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Aborts it with CALL_TIMEOUT when it was not cancelled by then. */
  start(call: Abortable, timeoutMs: number): Deadline {
    let line = this.#lines.get(timeoutMs);
    if (line === undefined) {
      line = new Line(this.#clock, timeoutMs);
      this.#lines.set(timeoutMs, line);
    }
    return line.add(call);
  }
}

class Line {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #first: Place | undefined;
  #last: Place | undefined;
  #timer: Timer | undefined;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  add(call: Abortable): Place {
    const place = new Place(this, call, this.#clock.monotonicMs() + this.#timeoutMs, this.#last);
    if (this.#last === undefined) this.#first = place;
    else this.#last.next = place;
    this.#last = place;
    this.#arm();
    return place;
  }

  remove({ previous, next }: Place): void {
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    if (this.#first !== undefined) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** For the first one, which may be older than the call that was just added. */
  #arm(): void {
    if (this.#timer !== undefined || this.#first === undefined) return;
    const waitMs = Math.max(this.#first.atMs - this.#clock.monotonicMs(), 1);
    this.#timer = this.#clock.after(waitMs, () => this.#fire());
  }

  /**
   * Not at once: who ends in the very moment of its deadline is in time, and the answers that came while the process stood
   * still are read only after its timers.
   */
  #fire(): void {
    this.#timer = this.#clock.after(0, () => this.#expire());
  }

  #expire(): void {
    this.#timer = undefined;
    const nowMs = this.#clock.monotonicMs();
    const timeoutMs = this.#timeoutMs;
    for (let first = this.#first; first !== undefined && first.atMs <= nowMs; first = this.#first) {
      this.remove(first);
      first.expire(new AppError('CALL_TIMEOUT', { timeoutMs }));
    }
    this.#arm();
  }
}

class Place implements Deadline {
  readonly #line: Line;
  readonly #call: Abortable;
  readonly atMs: number;
  previous: Place | undefined;
  next: Place | undefined;
  #over = false;

  constructor(line: Line, call: Abortable, atMs: number, previous: Place | undefined) {
    this.#line = line;
    this.#call = call;
    this.atMs = atMs;
    this.previous = previous;
  }

  cancel(): void {
    if (!this.#over) this.#line.remove(this);
    this.#over = true;
  }

  expire(error: AppError): void {
    this.#over = true;
    this.#call.abort(error);
  }
}
