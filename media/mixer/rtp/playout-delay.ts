import { timestampAhead } from './serial-numbers.ts';

export interface PlayoutDelayOptions {
  /** Of the timestamps, Hz. */
  readonly clockRate: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly startMs: number;
}

/** What packets of half a second were like. */
interface Window {
  /** From the sender's time to ours. */
  fastestMs: number;
  slowestMs: number;
  /** Behind the fastest that were known then. */
  latestMs: number;
}

/** A packet's time that is so far from ours is of a sender's clock that was set anew. */
const maxJumpMs = 1_000;
/** So many packets that are all late by the same time were not late: the sender's clock stood still for a moment. */
const steadyPackets = 5;
const steadyMs = 10;
const windowMs = 500;
/** What was late counts for so many windows, and for longer only if it was late in others, too: a path that stood still once is none that jitters. */
const recentWindows = 2;
const windows = 24;
/** The fastest packets of so many windows are what others are late by. Before there are as many, too little is known for a shorter delay. */
const baseWindows = 8;
/** One late packet, or a burst of them, makes the delay longer by this. */
const growMs = 20;
const growEveryMs = 100;
/** Over the latest packet that counts. */
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
  /** The newest first. */
  readonly #windows: Window[] = Array.from({ length: windows }, () => emptied());
  #fastestMs = Number.POSITIVE_INFINITY;
  #windowEndMs = 0;
  #opened = 0;
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

  /**
   * A packet was read: answers its time, in ms of the sender, for {@link PlayoutDelay.delayOf}. `sinceMs`: it may have come then
   * already, and waited because we were late. It counts as late only as far as that does not explain.
   */
  arrive(timestamp: number, nowMs: number, sinceMs = nowMs): number {
    if (this.#timestamp === undefined) {
      this.#mediaMs = nowMs;
      this.#openWindow(nowMs);
    } else this.#mediaMs += (timestampAhead(timestamp, this.#timestamp) * 1000) / this.#options.clockRate;
    this.#timestamp = timestamp;
    const readLateMs = this.delayOf(this.#mediaMs, nowMs);
    let lateMs = readLateMs > 0 ? Math.max(0, readLateMs - (nowMs - sinceMs)) : readLateMs;
    const cameMs = nowMs - (readLateMs - lateMs);
    if (Math.abs(lateMs) > maxJumpMs || this.#isSteadilyLate(lateMs)) {
      this.#mediaMs += lateMs;
      lateMs = 0;
    }
    this.#note(cameMs - this.#mediaMs, lateMs);
    this.#adapt(lateMs, nowMs);
    return this.#mediaMs;
  }

  /** How long what has this time has been here, or would have been, had it come as fast as the fastest. */
  delayOf(mediaMs: number, nowMs: number): number {
    return Number.isFinite(this.#fastestMs) ? nowMs - mediaMs - this.#fastestMs : 0;
  }

  #isSteadilyLate(lateMs: number): boolean {
    const isSteady = lateMs > this.#options.maxMs && Math.abs(lateMs - this.#lastLateMs) < steadyMs;
    this.#steady = isSteady ? this.#steady + 1 : 0;
    this.#lastLateMs = lateMs;
    return this.#steady >= steadyPackets;
  }

  #note(underWayMs: number, lateMs: number): void {
    const window = this.#windows[0];
    if (!window) return;
    window.fastestMs = Math.min(window.fastestMs, underWayMs);
    window.slowestMs = Math.max(window.slowestMs, underWayMs);
    window.latestMs = Math.max(window.latestMs, lateMs);
    this.#fastestMs = Math.min(this.#fastestMs, underWayMs);
  }

  #adapt(lateMs: number, nowMs: number): void {
    const { minMs, maxMs } = this.#options;
    if (lateMs > this.#targetMs && nowMs - this.#grewMs >= growEveryMs) {
      this.#targetMs = Math.min(maxMs, this.#targetMs + growMs);
      this.#grewMs = nowMs;
    }
    if (nowMs < this.#windowEndMs) return;
    this.#openWindow(nowMs);
    // Nothing came in the newest yet.
    const recent = this.#latestOf(1, 1 + recentWindows) + marginMs;
    const again = this.#latestAgainMs() + marginMs;
    const leastMs = this.#opened > baseWindows + 1 ? Math.min(this.#targetMs, recent) : this.#targetMs;
    this.#targetMs = Math.min(maxMs, Math.max(minMs, again, leastMs));
  }

  /** The latest packet but for those of the one time when packets were latest: a burst may lie in two windows. */
  #latestAgainMs(): number {
    let at = 1;
    for (let other = 2; other < windows; other += 1) if (this.#lateIn(other) > this.#lateIn(at)) at = other;
    return Math.max(this.#latestOf(1, at - 1), this.#latestOf(at + 2, windows));
  }

  #latestOf(from: number, to: number): number {
    let latestMs = 0;
    for (let at = from; at < Math.min(to, windows); at += 1) latestMs = Math.max(latestMs, this.#lateIn(at));
    return latestMs;
  }

  /** Neither a path that was slower before nor one that was faster before jitters. */
  #lateIn(at: number): number {
    const { slowestMs = 0, latestMs = 0 } = this.#windows[at] ?? {};
    return Math.min(latestMs, slowestMs - this.#fastestMs);
  }

  #openWindow(nowMs: number): void {
    const oldest = this.#windows.pop() ?? emptied();
    this.#windows.unshift(Object.assign(oldest, emptied()));
    this.#fastestMs = Number.POSITIVE_INFINITY;
    for (const { fastestMs } of this.#windows.slice(0, baseWindows))
      this.#fastestMs = Math.min(this.#fastestMs, fastestMs);
    this.#windowEndMs = nowMs + windowMs;
    this.#opened += 1;
  }
}

function emptied(): Window {
  return { fastestMs: Number.POSITIVE_INFINITY, slowestMs: Number.NEGATIVE_INFINITY, latestMs: 0 };
}
