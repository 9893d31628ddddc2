// Who wrote last, and when: what slow mode counts from.

/** Whose last message is remembered; beyond it, whose is oldest may write at once. */
const maxWriters = 10_000;

export interface Turn {
  readonly identity: string;
  readonly clientId: string;
  /** On the monotonic clock. */
  readonly atMs: number;
}

export class SlowTurns {
  /** By whoever counts as one, the latest last. */
  readonly #last = new Map<string, Turn>();

  /**
   * Takes the writer's turn and answers 0, or answers in how many milliseconds there is one. What took the last turn may be
   * tried again.
   */
  take(writer: string, turn: Turn, slowModeMs: number): number {
    const last = this.#last.get(writer);
    if (last !== undefined) {
      if (turn.clientId !== '' && last.clientId === turn.clientId && last.identity === turn.identity) return 0;
      const waitMs = Math.ceil(last.atMs + slowModeMs - turn.atMs);
      if (waitMs > 0) return waitMs;
    }
    this.remember(writer, turn);
    return 0;
  }

  remember(writer: string, turn: Turn): void {
    this.#last.delete(writer);
    this.#last.set(writer, turn);
    const [oldest] = this.#last.keys();
    if (this.#last.size > maxWriters && oldest !== undefined) this.#last.delete(oldest);
  }

  clear(): void {
    this.#last.clear();
  }
}
