/** So many a second, and twice as many at once: what the server drops beyond that is refused before it is sent. */
export class SendRate {
  perSecond: number;
  #fullAtMs = 0;

  constructor(perSecond: number) {
    this.perSecond = perSecond;
  }

  take(nowMs: number): boolean {
    const eachMs = 1000 / this.perSecond;
    const fullAtMs = Math.max(this.#fullAtMs, nowMs) + eachMs;
    if (fullAtMs - nowMs > eachMs * this.perSecond * 2) return false;
    this.#fullAtMs = fullAtMs;
    return true;
  }
}
