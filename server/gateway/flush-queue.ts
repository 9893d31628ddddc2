// Batches what connections send: one write per connection and turn of the event loop, however many messages it brought.

/** Something with messages to send. */
export interface Flushable {
  /** Early: while another connection's message is handled. False: not now, but when the turn ends. Does not throw. */
  flush(isEarly: boolean): boolean;
}

/** Calls back after the sockets that are readable now were read. */
export type Schedule = (callback: () => void) => void;

/**
 * A turn lasts as long as sockets are readable, which with a thousand that always are is seconds: nothing is held back for
 * longer than this, but what a connection has a lot of.
 */
const maxHoldMs = 5;
/** So often the clock is asked, of connections that wait and of messages that come. */
const connectionsPerLook = 32;
const messagesPerLook = 32;

export class FlushQueue {
  #dirty: Flushable[] = [];
  #spare: Flushable[] = [];
  readonly #schedule: Schedule;
  readonly #nowMs: () => number;
  #sinceMs = 0;
  #flushing = false;
  #messages = 0;
  readonly #flushAll = () => this.#run(false);

  constructor(schedule: Schedule = setImmediate, nowMs = () => performance.now()) {
    this.#schedule = schedule;
    this.#nowMs = nowMs;
  }

  /** Flushes it in this turn. Bounded by the connections: each adds itself once until it is flushed. */
  add(connection: Flushable): void {
    const waiting = this.#dirty.push(connection);
    if (waiting === 1) {
      this.#sinceMs = this.#nowMs();
      this.#schedule(this.#flushAll);
    } else if (waiting % connectionsPerLook === 0) this.#runIfLate();
  }

  /** A message came: a turn may be long of such that nothing waits for, and what waits must not wait for its end. */
  look(): void {
    this.#messages += 1;
    if (this.#messages % messagesPerLook === 0 && this.#dirty.length > 0) this.#runIfLate();
  }

  #runIfLate(): void {
    if (!this.#flushing && this.#nowMs() - this.#sinceMs > maxHoldMs) this.#run(true);
  }

  #run(isEarly: boolean): void {
    const flushing = this.#dirty;
    // Flushing may close connections, and what follows from that may send: those go into the next turn.
    this.#dirty = this.#spare;
    this.#flushing = true;
    for (const connection of flushing) if (!connection.flush(isEarly)) this.#dirty.push(connection);
    // The end of the turn is still to come, as it was when the first of them was added.
    if (isEarly) this.#sinceMs = this.#nowMs();
    this.#flushing = false;
    flushing.length = 0;
    this.#spare = flushing;
  }
}
