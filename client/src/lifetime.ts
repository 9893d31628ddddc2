/**
 * Something that ends once, and what waits for that: a connection, a transport, a client. An AbortSignal would do, but Node
 * warns of a leak when more than ten things wait for one.
 */
export class Lifetime {
  readonly #waiting = new Set<() => void>();
  #ended = false;

  get ended(): boolean {
    return this.#ended;
  }

  /** Ends it; a second time does nothing. */
  end(): void {
    this.#ended = true;
    for (const callback of [...this.#waiting]) callback();
    this.#waiting.clear();
  }

  /** Calls back when it ends, or at once when it has. Returns what takes that back. */
  onEnd(callback: () => void): () => void {
    if (this.#ended) callback();
    else this.#waiting.add(callback);
    return () => this.#waiting.delete(callback);
  }
}
