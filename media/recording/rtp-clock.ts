/** Beyond that RTP's time and ours are of two senders: one that started over, or a machine that slept. */
const maxApartMs = 2_000;
const windowMs = 10_000;
/** The first packets of a track may have waited for each other: so long is looked for one that did not. */
const settleMs = 3_000;
/** In each window; twenty times what two clocks of computers drift apart, and too little to be heard. */
const maxStepMs = 10;

/**
 * From RTP timestamps to milliseconds of a clock here. The least delayed packet says where they meet: of the first seconds
 * all at once, which moves the whole track and is told; later in small steps, which follow a clock that runs differently.
 * The sender reports of an SFU are of its own clock, and say no more than that.
 */
export class RtpClock {
  readonly #clockRate: number;
  readonly #onSettled: (byMs: number) => void;
  #hasSettled = false;
  #timestamp: number | undefined;
  /** RTP's time, counted on beyond 32 bits, in milliseconds. */
  #mediaMs = 0;
  #offsetMs = 0;
  #windowEndMs = 0;
  #leastLateMs = Number.POSITIVE_INFINITY;

  /** `onSettled`: everything so far, and all that comes, was so much earlier (a negative number), or was right (0). */
  constructor(clockRate: number, onSettled: (byMs: number) => void = () => {}) {
    this.#clockRate = clockRate;
    this.#onSettled = onSettled;
  }

  /** When what has this timestamp, and came then, is to be heard or seen. */
  at(timestamp: number, arrivedMs: number): number {
    const isFirst = this.#timestamp === undefined;
    this.#mediaMs += (((timestamp - (this.#timestamp ?? timestamp)) | 0) * 1000) / this.#clockRate;
    this.#timestamp = timestamp;
    const lateMs = arrivedMs - this.#mediaMs - this.#offsetMs;
    if (isFirst) this.#meet(arrivedMs, settleMs);
    else if (Math.abs(lateMs) > maxApartMs) {
      this.settle();
      this.#meet(arrivedMs, windowMs);
    } else this.#follow(lateMs, arrivedMs);
    return this.#mediaMs + this.#offsetMs;
  }

  /** No more packets are looked at for where the track begins. Settling twice does nothing. */
  settle(): void {
    if (this.#hasSettled) return;
    this.#hasSettled = true;
    const byMs = Math.min(0, this.#leastLateMs);
    this.#offsetMs += byMs;
    this.#onSettled(byMs);
  }

  #meet(arrivedMs: number, forMs: number): void {
    this.#offsetMs = arrivedMs - this.#mediaMs;
    this.#openWindow(arrivedMs, forMs);
  }

  #follow(lateMs: number, arrivedMs: number): void {
    this.#leastLateMs = Math.min(this.#leastLateMs, lateMs);
    if (arrivedMs < this.#windowEndMs) return;
    if (this.#hasSettled) this.#offsetMs += Math.max(-maxStepMs, Math.min(maxStepMs, this.#leastLateMs));
    else this.settle();
    this.#openWindow(arrivedMs, windowMs);
  }

  #openWindow(nowMs: number, forMs: number): void {
    this.#windowEndMs = nowMs + forMs;
    this.#leastLateMs = Number.POSITIVE_INFINITY;
  }
}
