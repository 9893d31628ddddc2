/** Which tabs live, by Web Locks: each holds one as long as it lives, however it ends. */
export class TabLocks {
  readonly id = randomId();
  readonly #prefix: string;
  readonly #locks: LockManager | undefined;
  #held: Promise<void> | undefined;
  #release: () => void = () => {};
  #closing = new AbortController();

  constructor(name: string, locks: LockManager | undefined) {
    this.#prefix = `${name}:tab:`;
    this.#locks = locks;
  }

  /** Resolves when the others can know of this one. */
  known(): Promise<void> {
    const locks = this.#locks;
    if (!locks) return Promise.resolve();
    this.#held ??= new Promise((resolve, reject) => {
      const living = new Promise<void>((release) => {
        this.#release = release;
      });
      locks
        .request(this.#prefix + this.id, () => {
          resolve();
          return living;
        })
        .catch(reject);
    });
    return this.#held;
  }

  /** Runs the task in one tab at a time, with the ids of all that live. Without locks no other tab is known. */
  async exclusively<T>(task: (livingTabs: ReadonlySet<string>) => Promise<T>): Promise<T> {
    const locks = this.#locks;
    if (!locks) return task(new Set());
    await this.known();
    return locks.request(`${this.#prefix}all`, async () => {
      const { held = [] } = await locks.query();
      return task(new Set(held.map(({ name }) => name?.slice(this.#prefix.length) ?? '')));
    });
  }

  /** Resolves when a tab has ended, and never when this one ends before. */
  ended(tab: string): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#closing;
      this.#locks?.request(this.#prefix + tab, { signal }, () => resolve()).catch(() => {});
    });
  }

  close(): void {
    this.#release();
    this.#held = undefined;
    this.#closing.abort();
    this.#closing = new AbortController();
  }
}

function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
