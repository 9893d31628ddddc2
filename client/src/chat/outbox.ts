import { type ParleyError, sdkError } from '../errors.ts';
import type { ClientTiming } from '../timing.ts';
import { createDeferred } from '../waiting.ts';
import { OutboxKeeper } from './outbox-keeper.ts';
import { OutboxQueue } from './outbox-queue.ts';
import type { OutboxEntry, OutboxStore } from './outbox-store.ts';

export interface OutboxParts {
  readonly store: OutboxStore;
  /** Its address or addresses: the messages of one server are not sent to another. */
  readonly server: string;
  readonly timing: ClientTiming;
  /** The store fails. */
  onFailed(error: ParleyError): void;
}

/** The messages of a client that wait for the server, a queue for each room. */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #keeper: OutboxKeeper;
  readonly #queues = new Map<string, OutboxQueue>();
  #identity: string | undefined;
  #loaded = createDeferred<void>();

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#keeper = new OutboxKeeper({
      store: parts.store,
      timeoutMs: parts.timing.storeTimeoutMs,
      onFailed: parts.onFailed,
    });
    parts.store.onFreed?.(() => {
      if (this.#identity !== undefined) void this.#load(this.#owner);
    });
  }

  /** It is known who the caller is. Each time the store is asked: a tab that is gone meanwhile may have left something. */
  connected(identity: string): void {
    const isAnother = this.#identity !== undefined && this.#identity !== identity;
    this.#identity = identity;
    if (isAnother) {
      // Nobody's message goes out under another one's name. The store has them for when that one is back.
      for (const queue of this.#queues.values()) queue.failAll(sdkError('IDENTITY_CHANGED'));
      this.#loaded = createDeferred();
    }
    void this.#load(this.#owner);
  }

  room(room: string): OutboxQueue {
    const known = this.#queues.get(room);
    if (known) return known;
    const queue = new OutboxQueue({
      room,
      timing: this.#parts.timing,
      loaded: () => this.#loaded.promise,
      put: (entry) => this.#keeper.put(this.#owner, entry),
      remove: (clientId) => this.#keeper.remove(this.#owner, clientId),
    });
    this.#queues.set(room, queue);
    return queue;
  }

  /** The server can keep messages again, and tells each of its clients at a moment of its own. */
  storeIsBack(): void {
    for (const queue of this.#queues.values()) queue.storeIsBack();
  }

  async close(): Promise<void> {
    for (const queue of this.#queues.values()) queue.end(sdkError('CLIENT_CLOSED'));
    await this.#keeper.close();
  }

  get #owner(): string {
    return `${this.#parts.server} ${this.#identity ?? ''}`;
  }

  async #load(owner: string): Promise<void> {
    const loaded = this.#loaded;
    const entries = await this.#keeper.load(owner);
    if (owner !== this.#owner) return;
    const byRoom = new Map<string, OutboxEntry[]>();
    for (const entry of entries) byRoom.set(entry.room, [...(byRoom.get(entry.room) ?? []), entry]);
    for (const [room, ofRoom] of byRoom) this.room(room).add(ofRoom);
    loaded.resolve();
  }
}
