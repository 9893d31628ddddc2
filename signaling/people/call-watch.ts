// Whether there is a call in a room: there is while anybody sends a track, and for a moment after.

import type { Clock, Timer } from '../../core/clock.ts';
import type { LogEntry } from '../log/log-entry.ts';

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
  #ending: Timer | undefined;

  constructor(parts: CallWatchParts) {
    this.#parts = parts;
  }

  get goesOn(): boolean {
    return this.#startedAtMs !== undefined;
  }

  /** A process that died left a call behind. It lasted until the newest record, as far as anybody knows. */
  endAbandoned(startedAtMs: number, lastKnownAtMs: number): void {
    this.#writeEnd(Math.max(lastKnownAtMs - startedAtMs, 0), String(startedAtMs));
  }

  trackAdded(peerId: string, producerId: string, author: NonNullable<LogEntry['author']>): void {
    const tracks = this.#tracks.get(peerId) ?? new Set();
    this.#tracks.set(peerId, tracks.add(producerId));
    this.#ending?.cancel();
    this.#ending = undefined;
    if (this.#startedAtMs !== undefined) return;
    const startedAtMs = this.#parts.clock.nowMs();
    this.#startedAtMs = startedAtMs;
    this.#startedWith = producerId;
    const facts = { call: JSON.stringify({ startedAtMs }) };
    this.#parts.write({ kind: 'callStarted', author, clientId: `call:${producerId}`, content: {}, facts });
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
      this.#writeEnd(durationMs, this.#startedWith);
      this.#parts.onEnded();
    });
  }

  #writeEnd(durationMs: number, call: string): void {
    this.#parts.write({ kind: 'callEnded', clientId: `ended:${call}`, content: { durationMs }, facts: { call: null } });
  }
}
