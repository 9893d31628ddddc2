// Batches what connections send: one write per connection and turn of the event loop, however many messages it brought.

/** Something with messages to send. */
export interface Flushable {
  /** Does not throw. */
  flush(): void;
}

/** Calls back after the sockets that are readable now were read. */
export type Schedule = (callback: () => void) => void;

export class FlushQueue {
  #dirty: Flushable[] = [];
  #spare: Flushable[] = [];
  readonly #schedule: Schedule;
  readonly #flushAll = () => this.#run();

  constructor(schedule: Schedule = setImmediate) {
    this.#schedule = schedule;
  }

  /** Flushes it in this turn. Bounded by the connections: each adds itself once until it is flushed. */
  add(connection: Flushable): void {
    if (this.#dirty.push(connection) === 1) this.#schedule(this.#flushAll);
  }

  #run(): void {
    const flushing = this.#dirty;
    // Flushing may close connections, and what follows from that may send: those go into the next turn.
    this.#dirty = this.#spare;
    for (const connection of flushing) connection.flush();
    flushing.length = 0;
    this.#spare = flushing;
  }
}
