/** Beyond that RTP's time and ours are of two senders: one that started over, or a machine that slept. */
const maxApartMs = 2_000;
const windowMs = 10_000;
/** In each window; twenty times what two clocks of computers drift apart, and too little to be heard. */
const maxStepMs = 10;

/**
 * From RTP timestamps to milliseconds of a clock here. The first packet says where they meet; afterwards the least delayed
 * packet of each window does, so that what waits on the way moves nothing, and a clock that runs differently is followed.
 * The sender reports of an SFU are of its own clock, and say no more than that.
 */
export class RtpClock {
  readonly #clockRate: number;
  #timestamp: number | undefined;
  /** RTP's time, counted on beyond 32 bits, in milliseconds. */
  #mediaMs = 0;
  #offsetMs = 0;
  #windowEndMs = 0;
  #leastLateMs = Number.POSITIVE_INFINITY;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** When what has this timestamp, and came then, is to be heard or seen. */
  at(timestamp: number, arrivedMs: number): number {
    const isFirst = this.#timestamp === undefined;
    this.#mediaMs += (((timestamp - (this.#timestamp ?? timestamp)) | 0) * 1000) / this.#clockRate;
    this.#timestamp = timestamp;
    const lateMs = arrivedMs - this.#mediaMs - this.#offsetMs;
    if (isFirst || Math.abs(lateMs) > maxApartMs) this.#meet(arrivedMs);
    else this.#follow(lateMs, arrivedMs);
    return this.#mediaMs + this.#offsetMs;
  }

  #meet(arrivedMs: number): void {
    this.#offsetMs = arrivedMs - this.#mediaMs;
    this.#openWindow(arrivedMs);
  }

  #follow(lateMs: number, arrivedMs: number): void {
    this.#leastLateMs = Math.min(this.#leastLateMs, lateMs);
    if (arrivedMs < this.#windowEndMs) return;
    this.#offsetMs += Math.max(-maxStepMs, Math.min(maxStepMs, this.#leastLateMs));
    this.#openWindow(arrivedMs);
  }

  #openWindow(nowMs: number): void {
    this.#windowEndMs = nowMs + windowMs;
    this.#leastLateMs = Number.POSITIVE_INFINITY;
  }
}
