import type { Cursor, LogRecord, Receipt } from '../../../proto/gen/types.ts';
import { fullJitterMs } from '../backoff.ts';
import { ParleyError, sdkError, toParleyError } from '../errors.ts';
import type { Lifetime } from '../lifetime.ts';
import type { RoomCalls } from '../room-calls.ts';
import type { ClientTiming } from '../timing.ts';
import { createDeferred, type Deferred, during, sleep } from '../waiting.ts';
import type { OutgoingMessage, OutgoingState, SendOptions } from './chat-api.ts';
import { createClientId } from './client-id.ts';
import type { OutboxEntry } from './outbox-store.ts';
import { decideSend } from './send-policy.ts';

export interface OutboxQueueParts {
  readonly room: string;
  readonly timing: ClientTiming;
  /** What was left by an earlier life of the application is here: it goes first. */
  readonly loaded: () => Promise<void>;
  readonly put: (entry: OutboxEntry) => void;
  readonly remove: (clientId: string) => void;
}

/** A joined room. */
export interface OutboxRoute {
  readonly calls: RoomCalls;
  /** Sends until it ends. */
  readonly life: Lifetime;
  /** The record was among those that came, or lies before them. */
  hasSeen(receipt: Receipt): boolean;
  onChanged(): void;
}

const maxWaitingMessages = 500;

interface Outgoing {
  entry: OutboxEntry;
  state: OutgoingState;
  error: ParleyError | undefined;
  receipt: Receipt | undefined;
  readonly done: Deferred<Receipt>;
}

/** The messages of one room that the server does not have yet, or that are not in the log as it is seen here. In order. */
export class OutboxQueue {
  readonly #parts: OutboxQueueParts;
  #all: Outgoing[] = [];
  #outgoing: readonly OutgoingMessage[] = [];
  #route: OutboxRoute | undefined;
  #isSending = false;
  #storeBack = createDeferred<void>();
  /** Of what is sent now. */
  #tries = 0;

  constructor(parts: OutboxQueueParts) {
    this.#parts = parts;
  }

  get outgoing(): readonly OutgoingMessage[] {
    return this.#outgoing;
  }

  open(route: OutboxRoute): void {
    this.#route = route;
    this.#isSending = false;
    this.#wake();
  }

  /** From the store, what is not known yet: it was written before all others, or by a tab that is gone. */
  add(entries: readonly OutboxEntry[]): void {
    const known = new Set(this.#all.map(({ entry }) => entry.clientId));
    const older = entries.filter(({ clientId }) => !known.has(clientId)).map(fromStore);
    if (older.length === 0) return;
    this.#all = [...older, ...this.#all];
    this.#changed();
    this.#wake();
  }

  send(text: string, { replyTo, mentions = [] }: SendOptions): { clientId: string; sent: Promise<Receipt> } {
    if (this.#all.length >= maxWaitingMessages) throw sdkError('OUTBOX_FULL');
    const { room } = this.#parts;
    const clientId = createClientId();
    const entry: OutboxEntry = {
      room,
      clientId,
      text,
      mentions: [...mentions],
      createdAtMs: Date.now(),
      ...(replyTo && { replyTo }),
    };
    const outgoing = toOutgoing(entry, 'sending');
    this.#all.push(outgoing);
    this.#parts.put(entry);
    this.#changed();
    this.#wake();
    return { clientId, sent: outgoing.done.promise };
  }

  retry(clientId: string): void {
    this.#all = this.#all.map((outgoing) => {
      if (outgoing.entry.clientId !== clientId || outgoing.state !== 'failed') return outgoing;
      const { failure: _, ...entry } = outgoing.entry;
      this.#parts.put(entry);
      return toOutgoing(entry, 'sending');
    });
    this.#changed();
    this.#wake();
  }

  discard(clientId: string): void {
    this.#forget(({ entry, state }) => entry.clientId === clientId && state === 'failed', true);
    this.#changed();
  }

  /** The server can keep messages again: who waits for the next try does not wait any longer. */
  storeIsBack(): void {
    this.#storeBack.resolve();
    this.#storeBack = createDeferred();
    // What is refused from here on is so for a moment: the waits of before were for a store that is away.
    this.#tries = 0;
  }

  /** These are in the log: what the caller sent of them is done, whatever became of the answer. */
  recordsCame(own: readonly LogRecord[], epoch: string, durability: Receipt['durability']): void {
    for (const { clientId, seq, messageId, atMs } of own) {
      const outgoing = this.#all.find(({ entry }) => entry.clientId === clientId);
      if (!outgoing) continue;
      outgoing.done.resolve({ epoch, seq, messageId, atMs, durability, duplicate: false });
      this.#forget((other) => other === outgoing, outgoing.state !== 'sent');
    }
    if (own.length > 0) this.#changed();
  }

  /** Up to here the log was seen: what was sent and lies before it is no more to be waited for. */
  logStartsAnew({ epoch, seq }: Cursor): void {
    this.#forget(({ receipt }) => receipt !== undefined && (receipt.epoch !== epoch || receipt.seq <= seq), false);
    this.#changed();
  }

  /** They are of somebody else than who is signed in now. */
  failAll(error: ParleyError): void {
    for (const outgoing of this.#all) if (outgoing.state === 'sending') this.#fail(outgoing, error, false);
    this.#changed();
  }

  /** Nobody waits any more; the store keeps what was not sent. */
  end(error: ParleyError): void {
    for (const { done } of this.#all) done.reject(error);
  }

  #wake(): void {
    const route = this.#route;
    if (this.#isSending || !route || route.life.ended || !this.#next()) return;
    this.#isSending = true;
    void this.#run(route)
      // Only the end of its life ends it early.
      .catch(() => {})
      .finally(() => {
        if (this.#route === route) this.#isSending = false;
      });
  }

  #next(): Outgoing | undefined {
    return this.#all.find(({ state }) => state === 'sending');
  }

  /** One at a time: with several under way, one that is refused for a moment would be overtaken. */
  async #run({ calls, life }: OutboxRoute): Promise<void> {
    this.#tries = 0;
    for (let next = this.#next(); next; next = this.#next()) {
      if (!calls.isJoined) this.#tries = 0;
      await calls.whenJoined(life);
      await during(life, this.#parts.loaded());
      // Others came before it, or it was given up.
      if (next !== this.#next()) continue;
      const error = await this.#try(next, calls);
      if (life.ended) return;
      if (!error) {
        this.#tries = 0;
        continue;
      }
      this.#tries += 1;
      if (decideSend(error, this.#tries) === 'fail') {
        this.#fail(next, error, true);
        this.#changed();
        this.#tries = 0;
      } else {
        const { retryBaseMs, retryCapMs } = this.#parts.timing;
        const delayMs = (error.retryAfterMs ?? 0) + fullJitterMs(this.#tries, retryBaseMs, retryCapMs);
        await Promise.race([sleep(delayMs, life), this.#storeBack.promise]);
      }
    }
  }

  async #try(outgoing: Outgoing, calls: RoomCalls): Promise<ParleyError | undefined> {
    const { clientId, text, replyTo, mentions } = outgoing.entry;
    try {
      await calls.call(
        'chat.send',
        { clientId, text, replyTo, mentions: [...mentions] },
        { apply: (receipt) => this.#sent(outgoing, receipt) },
      );
      return undefined;
    } catch (thrown) {
      // Its record came, or it was given up.
      if (!this.#all.includes(outgoing)) return undefined;
      return toParleyError(thrown, 'CONNECTION_LOST');
    }
  }

  #sent(outgoing: Outgoing, receipt: Receipt): void {
    outgoing.done.resolve(receipt);
    // The record came before its receipt.
    if (!this.#all.includes(outgoing)) return;
    outgoing.state = 'sent';
    outgoing.receipt = receipt;
    this.#parts.remove(outgoing.entry.clientId);
    // An earlier life of the application, or another tab, had sent it: its record does not come any more.
    if (this.#route?.hasSeen(receipt)) this.#forget((other) => other === outgoing, false);
    this.#changed();
  }

  #fail(outgoing: Outgoing, error: ParleyError, keep: boolean): void {
    if (!this.#all.includes(outgoing)) return;
    outgoing.state = 'failed';
    outgoing.error = error;
    outgoing.entry = { ...outgoing.entry, failure: { reason: error.reason, message: error.message } };
    if (keep) this.#parts.put(outgoing.entry);
    outgoing.done.reject(error);
  }

  #forget(is: (outgoing: Outgoing) => boolean, inStore: boolean): void {
    const gone = this.#all.filter(is);
    if (gone.length === 0) return;
    this.#all = this.#all.filter((outgoing) => !gone.includes(outgoing));
    if (inStore) for (const { entry } of gone) this.#parts.remove(entry.clientId);
  }

  #changed(): void {
    this.#outgoing = this.#all.map(({ entry, state, error }) => {
      const { clientId, text, replyTo, mentions, createdAtMs } = entry;
      return { clientId, text, replyTo, mentions, createdAtMs, state, error };
    });
    this.#route?.onChanged();
  }
}

function toOutgoing(entry: OutboxEntry, state: OutgoingState, error?: ParleyError): Outgoing {
  return { entry, state, error, receipt: undefined, done: createDeferred() };
}

function fromStore(entry: OutboxEntry): Outgoing {
  const { failure } = entry;
  return failure
    ? toOutgoing(entry, 'failed', new ParleyError(failure.reason, failure.message))
    : toOutgoing(entry, 'sending');
}
