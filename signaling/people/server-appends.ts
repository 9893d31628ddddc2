// What the server itself writes into a room's log: in order, waited for by nobody.

import type { Clock, Timer } from '../../core/clock.ts';
import { toAppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { LogEntry } from '../log/log-entry.ts';
import type { Timeline } from '../log/timeline.ts';

/** Entries that wait, of one room; further ones are dropped. */
const maxWaiting = 500;
/** How often an entry is tried before it is dropped, and the wait before the second time, which doubles. */
const maxTries = 6;
const retryMs = 1_000;
/** The owner may change in a moment, or be this node in another term. */
const passing: readonly string[] = ['STORE_BUSY', 'STORE_UNAVAILABLE', 'NOT_OWNER'];

interface ServerAppendsParts {
  readonly timeline: Pick<Timeline, 'room' | 'append'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** The term that this node owns the room in; undefined: nobody has to. */
  readonly fence: () => number | undefined;
  /** Another node owns the room, and it writes. Answers false as long as nothing is known of that here. */
  readonly leaveToOwner: (entry: LogEntry) => boolean;
  /** Nothing waits any more. */
  readonly onIdle: () => void;
}

export class ServerAppends {
  readonly #parts: ServerAppendsParts;
  readonly #waiting: LogEntry[] = [];
  #busy = false;
  #retry: Timer | undefined;
  #closed = false;
  /** Who waits for what is to be written. */
  #awaited: (() => void)[] = [];

  constructor(parts: ServerAppendsParts) {
    this.#parts = parts;
  }

  get idle(): boolean {
    return !this.#busy && this.#waiting.length === 0;
  }

  add(entry: LogEntry): void {
    if (this.#closed) return;
    if (this.#waiting.length >= maxWaiting) {
      this.#dropped(entry, 'TOO_MANY');
      return;
    }
    this.#waiting.push(entry);
    this.#next();
  }

  /** Everything was written that was to be, or the store failed: it may be long until it does not. */
  settled(): Promise<void> {
    if (this.idle || this.#retry !== undefined) return Promise.resolve();
    return new Promise((resolve) => this.#awaited.push(resolve));
  }

  /** What waits is dropped. */
  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
    this.#retry?.cancel();
    this.#nowSettled();
  }

  #next(): void {
    if (this.#busy || this.#closed) return;
    const entry = this.#waiting.shift();
    if (entry === undefined) return;
    this.#busy = true;
    this.#try(entry, 1);
  }

  #try(entry: LogEntry, tries: number): void {
    const { timeline, fence, leaveToOwner } = this.#parts;
    const term = fence();
    timeline.append(term === undefined ? entry : { ...entry, fence: term }).then(
      () => this.#done(),
      (thrown: unknown) => {
        const { reason } = toAppError(thrown);
        if (reason === 'NOT_OWNER' && leaveToOwner(entry)) {
          this.#done();
          return;
        }
        // Without a client id that would tell, most likely it is there: rather missing than twice.
        const isUnknown = reason === 'STORE_OUTCOME_UNKNOWN' && (entry.clientId ?? '') !== '';
        const isHopeless = !isUnknown && !passing.includes(reason);
        if (isHopeless || tries >= maxTries || this.#closed) {
          this.#dropped(entry, reason);
          this.#done();
          return;
        }
        this.#retry = this.#parts.clock.after(retryMs * 2 ** (tries - 1), () => {
          this.#retry = undefined;
          this.#try(entry, tries + 1);
        });
        this.#nowSettled();
      },
    );
  }

  #done(): void {
    this.#busy = false;
    this.#next();
    if (!this.idle) return;
    this.#nowSettled();
    this.#parts.onIdle();
  }

  #nowSettled(): void {
    const awaited = this.#awaited;
    this.#awaited = [];
    for (const resolve of awaited) resolve();
  }

  #dropped({ kind }: LogEntry, reason: string): void {
    const { timeline, log } = this.#parts;
    log.debug({ room: timeline.room, kind, reason }, 'a record of the server was dropped');
  }
}
