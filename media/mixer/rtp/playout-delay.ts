import { timestampAhead } from './serial-numbers.ts';

export interface PlayoutDelayOptions {
  /** Of the timestamps, Hz. */
  readonly clockRate: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly startMs: number;
}

/** A packet's time that is so far from ours is of a sender's clock that was set anew. */
const maxJumpMs = 1_000;
/** So many packets that are all late by the same time were not late: the sender's clock stood still for a moment. */
const steadyPackets = 5;
const steadyMs = 10;
const windowMs = 4_000;
/** One late packet, or a burst of them, makes the delay longer by this; a quiet window shorter by that. */
const growMs = 20;
const growEveryMs = 100;
const shrinkMs = 10;
/** Over the latest packet of a window. */
const marginMs = 10;

/**
 * How long packets are to wait so that late ones are in time. What is late is told from the fastest packets of the last
 * seconds, which follows a sender whose clock runs differently.
 */
export class PlayoutDelay {
  readonly #options: PlayoutDelayOptions;
  #targetMs: number;
  #timestamp: number | undefined;
  /** The sender's time, counted on beyond 32 bits, in ms. */
  #mediaMs = 0;
  /** From the sender's time to ours, for the fastest packets: of this window, and of the one before. */
  #fastestMs = Number.POSITIVE_INFINITY;
  #fastestBeforeMs = Number.POSITIVE_INFINITY;
  #latestMs = 0;
  #windowEndMs = 0;
  #grewMs = Number.NEGATIVE_INFINITY;
  #steady = 0;
  #lastLateMs = 0;

  constructor(options: PlayoutDelayOptions) {
    this.#options = options;
    this.#targetMs = options.startMs;
  }

  get targetMs(): number {
    return this.#targetMs;
  }

  /** A packet has come: answers its time, in ms of the sender, for {@link PlayoutDelay.delayOf}. */
  arrive(timestamp: number, nowMs: number): number {
    if (this.#timestamp === undefined) {
      this.#mediaMs = nowMs;
      this.#openWindow(nowMs);
    } else this.#mediaMs += (timestampAhead(timestamp, this.#timestamp) * 1000) / this.#options.clockRate;
    this.#timestamp = timestamp;
    let lateMs = this.delayOf(this.#mediaMs, nowMs);
    if (Math.abs(lateMs) > maxJumpMs || this.#isSteadilyLate(lateMs)) {
      this.#mediaMs += lateMs;
      lateMs = 0;
    }
    this.#fastestMs = Math.min(this.#fastestMs, nowMs - this.#mediaMs);
    this.#adapt(Math.max(0, lateMs), nowMs);
    return this.#mediaMs;
  }

  /** How long what has this time has been here, or would have been, had it come as fast as the fastest. */
  delayOf(mediaMs: number, nowMs: number): number {
    const fastestMs = Math.min(this.#fastestMs, this.#fastestBeforeMs);
    return Number.isFinite(fastestMs) ? nowMs - mediaMs - fastestMs : 0;
  }

  #isSteadilyLate(lateMs: number): boolean {
    const isSteady = lateMs > this.#options.maxMs && Math.abs(lateMs - this.#lastLateMs) < steadyMs;
    this.#steady = isSteady ? this.#steady + 1 : 0;
    this.#lastLateMs = lateMs;
    return this.#steady >= steadyPackets;
  }

  #adapt(lateMs: number, nowMs: number): void {
    const { minMs, maxMs } = this.#options;
    if (lateMs > this.#targetMs && nowMs - this.#grewMs >= growEveryMs) {
      this.#targetMs = Math.min(maxMs, this.#targetMs + growMs);
      this.#grewMs = nowMs;
    }
    this.#latestMs = Math.max(this.#latestMs, lateMs);
    if (nowMs < this.#windowEndMs) return;
    const wantedMs = Math.max(minMs, this.#latestMs + marginMs);
    if (wantedMs < this.#targetMs) this.#targetMs = Math.max(wantedMs, this.#targetMs - shrinkMs);
    this.#openWindow(nowMs);
  }

  #openWindow(nowMs: number): void {
    this.#fastestBeforeMs = this.#fastestMs;
    this.#fastestMs = Number.POSITIVE_INFINITY;
    this.#latestMs = 0;
    this.#windowEndMs = nowMs + windowMs;
  }
}
