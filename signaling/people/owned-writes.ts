// What the server writes into a room's log is written by one node: the one that owns the room. The others know the same, and
// one of them goes on with it when the owner is gone.

import type { Clock } from '../../core/clock.ts';
import type { LogRecord } from '../../proto/gen/types.ts';
import type { LogEntry } from '../log/log-entry.ts';

/** What an owner that died may not have written any more is not older. */
const keptMs = 60_000;
const maxKept = 200;

interface OwnedWritesParts {
  readonly clock: Clock;
  /** Entries have client ids: what is there already is not written again. */
  readonly write: (entry: LogEntry) => void;
}

export class OwnedWrites {
  readonly #parts: OwnedWritesParts;
  #isOwner = true;
  /** Left to the owner, the oldest first. */
  #kept: { readonly entry: LogEntry; readonly atMs: number }[] = [];

  constructor(parts: OwnedWritesParts) {
    this.#parts = parts;
  }

  add(entry: LogEntry): void {
    if (this.#isOwner) {
      this.#parts.write(entry);
      return;
    }
    this.#keep(entry);
  }

  /** It was written as the owner, and another one is. Answers false when that is not known here. */
  leave(entry: LogEntry): boolean {
    if (!this.#isOwner) this.#keep(entry);
    return !this.#isOwner;
  }

  /** The owner has written it. Calls may have another name there: it begins with another of two tracks. */
  written({ kind, clientId }: LogRecord): void {
    const isCall = kind === 'callStarted' || kind === 'callEnded';
    this.#kept = this.#kept.filter(({ entry }) => (isCall ? entry.kind !== kind : entry.clientId !== clientId));
  }

  setOwner(isOwner: boolean): void {
    if (this.#isOwner === isOwner) return;
    this.#isOwner = isOwner;
    if (!isOwner) return;
    const kept = this.#kept;
    this.#kept = [];
    const sinceMs = this.#parts.clock.monotonicMs() - keptMs;
    for (const { entry, atMs } of kept) if (atMs >= sinceMs) this.#parts.write(entry);
  }

  #keep(entry: LogEntry): void {
    this.#kept.push({ entry, atMs: this.#parts.clock.monotonicMs() });
    if (this.#kept.length > maxKept) this.#kept.shift();
  }
}
