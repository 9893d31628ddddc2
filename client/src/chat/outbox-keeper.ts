import { type ParleyError, sdkError } from '../errors.ts';
import { withTimeout } from '../waiting.ts';
import type { OutboxEntry, OutboxStore } from './outbox-store.ts';

export interface OutboxKeeperParts {
  readonly store: OutboxStore;
  readonly timeoutMs: number;
  /** Said at the first failure of a row of them. */
  onFailed(error: ParleyError): void;
}

/** A store that hangs is not given more to do than this; what is left out is lost to it, and sent from memory. */
const maxWaiting = 1_000;

/** Writes to the store one after the other, and goes on when it fails: messages are sent all the same. */
export class OutboxKeeper {
  readonly #parts: OutboxKeeperParts;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #hasFailed = false;
  /** For each load under way, what is removed meanwhile: the store may have read it before. */
  readonly #removedMeanwhile = new Set<Set<string>>();

  constructor(parts: OutboxKeeperParts) {
    this.#parts = parts;
  }

  /** As it is after what was written and removed before. */
  async load(owner: string): Promise<readonly OutboxEntry[]> {
    const { store, timeoutMs } = this.#parts;
    const removed = new Set<string>();
    this.#removedMeanwhile.add(removed);
    try {
      const loaded = this.#last.then(() => store.load(owner));
      const entries = await withTimeout(loaded, timeoutMs, () => new Error('timeout'));
      return entries.filter(({ clientId }) => !removed.has(clientId));
    } catch (error) {
      this.#failed(error);
      return [];
    } finally {
      this.#removedMeanwhile.delete(removed);
    }
  }

  put(owner: string, entry: OutboxEntry): void {
    this.#enqueue(() => this.#parts.store.put(owner, entry));
  }

  remove(owner: string, clientId: string): void {
    for (const removed of this.#removedMeanwhile) removed.add(clientId);
    this.#enqueue(() => this.#parts.store.remove(owner, clientId));
  }

  /** After what is still to be written, unless that takes too long. */
  async close(): Promise<void> {
    const { store, timeoutMs } = this.#parts;
    await withTimeout(this.#last, timeoutMs, () => new Error('timeout')).catch(() => {});
    await withTimeout(store.close(), timeoutMs, () => new Error('timeout')).catch(() => {});
  }

  #enqueue(write: () => Promise<void>): void {
    if (this.#waiting >= maxWaiting) {
      this.#failed(new Error('the store does not answer'));
      return;
    }
    this.#waiting += 1;
    this.#last = this.#last.then(write).then(
      () => {
        this.#waiting -= 1;
        this.#hasFailed = false;
      },
      (error: unknown) => {
        this.#waiting -= 1;
        this.#failed(error);
      },
    );
  }

  #failed(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#parts.onFailed(sdkError('OUTBOX_UNAVAILABLE', error));
  }
}
