// Whether there is a call in a room: there is while anybody sends a track, and for a moment after.

import type { Clock, Timer } from '../../core/clock.ts';
import type { LogEntry } from '../log/log-entry.ts';
import type { OngoingCall } from '../room-facts.ts';

export const callPrefix = 'call:';

interface CallWatchParts {
  readonly clock: Clock;
  readonly graceMs: number;
  readonly write: (entry: LogEntry) => void;
  readonly onEnded: () => void;
}

export class CallWatch {
  readonly #parts: CallWatchParts;
  /** By peer; media bounds how many. */
  readonly #tracks = new Map<string, Set<string>>();
  #startedAtMs: number | undefined;
  /** The track that it began with: its name in client ids. */
  #startedWith = '';
  /** The call that goes on, as another node wrote it. */
  #written: string | undefined;
  #ending: Timer | undefined;

  constructor(parts: CallWatchParts) {
    this.#parts = parts;
  }

  get goesOn(): boolean {
    return this.#startedAtMs !== undefined;
  }

  /** A process that died left a call behind. It lasted until the newest record, as far as anybody knows. */
  endAbandoned({ startedAtMs, with: call = String(startedAtMs) }: OngoingCall, lastKnownAtMs: number): void {
    this.#writeEnd(Math.max(lastKnownAtMs - startedAtMs, 0), call);
  }

  /** Another node wrote that a call began with this track, or that there is none any more. On all nodes it is called the same. */
  written(call: string | undefined): void {
    this.#written = call;
    if (call !== undefined) this.#startedWith = call;
  }

  trackAdded(peerId: string, producerId: string, author: NonNullable<LogEntry['author']>): void {
    const tracks = this.#tracks.get(peerId) ?? new Set();
    this.#tracks.set(peerId, tracks.add(producerId));
    this.#ending?.cancel();
    this.#ending = undefined;
    if (this.#startedAtMs !== undefined) return;
    const startedAtMs = this.#parts.clock.nowMs();
    this.#startedAtMs = startedAtMs;
    if (this.#written !== undefined) {
      this.#startedWith = this.#written;
      return;
    }
    this.#startedWith = producerId;
    const facts = { call: JSON.stringify({ startedAtMs, with: producerId } satisfies OngoingCall) };
    this.#parts.write({ kind: 'callStarted', author, clientId: `${callPrefix}${producerId}`, content: {}, facts });
  }

  trackClosed(peerId: string, producerId: string): void {
    const tracks = this.#tracks.get(peerId);
    if (tracks?.delete(producerId) && tracks.size === 0) this.peerLeft(peerId);
  }

  peerLeft(peerId: string): void {
    if (this.#tracks.delete(peerId)) this.#endIfSilent();
  }

  close(): void {
    this.#ending?.cancel();
  }

  #endIfSilent(): void {
    const startedAtMs = this.#startedAtMs;
    if (startedAtMs === undefined || this.#tracks.size > 0 || this.#ending !== undefined) return;
    const durationMs = Math.max(this.#parts.clock.nowMs() - startedAtMs, 0);
    this.#ending = this.#parts.clock.after(this.#parts.graceMs, () => {
      this.#ending = undefined;
      this.#startedAtMs = undefined;
      this.#written = undefined;
      this.#writeEnd(durationMs, this.#startedWith);
      this.#parts.onEnded();
    });
  }

  #writeEnd(durationMs: number, call: string): void {
    this.#parts.write({ kind: 'callEnded', clientId: `ended:${call}`, content: { durationMs }, facts: { call: null } });
  }
}
