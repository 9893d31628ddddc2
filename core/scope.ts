// The lifetime of a resource: what it opened is closed in reverse order, once.

type Disposer = () => void | Promise<void>;

export class Scope {
  readonly #disposers: Disposer[] = [];
  readonly #controller = new AbortController();
  #closing: Promise<void> | undefined;

  /** Aborted as the first thing that closing does. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Registers what undoes something. On a scope that is closed already it runs at once. */
  defer(disposer: Disposer): void {
    if (!this.closed) this.#disposers.push(disposer);
    // Nobody waits for it any more who could be told of a failure.
    else (async () => disposer())().catch(() => {});
  }

  /**
   * Runs the disposers, last registered first, each after the one before has ended. All of them run even when some fail.
   * @throws {AggregateError} with every failure, after the last disposer.
   */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      let settle: (outcome: Promise<void>) => void = () => {};
      // Set before anything runs: a disposer, or who listens to the signal, may close the scope again.
      this.#closing = new Promise((resolve) => {
        settle = resolve;
      });
      settle(this.#run());
    }
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(): Promise<void> {
    this.#controller.abort();
    const failures: unknown[] = [];
    for (let disposer = this.#disposers.pop(); disposer; disposer = this.#disposers.pop()) {
      try {
        await disposer();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} parts failed to close`);
  }
}
