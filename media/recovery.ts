import type { Clock } from '../core/clock.ts';
import type { PeerId } from '../core/ids.ts';

/** Who is not back by then does not come. */
const givenUpAfterMs = 30_000;

/** Watches the peers of one room come back after a worker died. */
export class Recovery {
  readonly #clock: Clock;
  readonly #onRecovered: (seconds: number) => void;
  readonly #missing = new Set<PeerId>();
  #sinceMs = 0;
  #lastUpMs: number | undefined;

  constructor(clock: Clock, onRecovered: (seconds: number) => void) {
    this.#clock = clock;
    this.#onRecovered = onRecovered;
  }

  /** Of two deaths in a row the first one counts. */
  lost(peerIds: readonly PeerId[]): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#sinceMs > givenUpAfterMs) this.#missing.clear();
    if (this.#missing.size === 0) {
      this.#sinceMs = nowMs;
      this.#lastUpMs = undefined;
    }
    for (const peerId of peerIds) this.#missing.add(peerId);
  }

  up(peerId: PeerId): void {
    if (!this.#missing.delete(peerId)) return;
    this.#lastUpMs = this.#clock.monotonicMs();
    this.#tellWhenAll();
  }

  left(peerId: PeerId): void {
    if (this.#missing.delete(peerId)) this.#tellWhenAll();
  }

  #tellWhenAll(): void {
    if (this.#missing.size > 0 || this.#lastUpMs === undefined) return;
    const tookMs = this.#lastUpMs - this.#sinceMs;
    if (tookMs <= givenUpAfterMs) this.#onRecovered(tookMs / 1000);
  }
}
