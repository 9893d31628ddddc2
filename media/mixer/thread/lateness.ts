/** Of the last five seconds, at 50 ticks a second. */
const capacity = 250;

/** How late the ticks of a thread came. */
export class Lateness {
  readonly #lateMs = new Float64Array(capacity);
  #count = 0;

  add(lateMs: number): void {
    this.#lateMs[this.#count % capacity] = Math.max(0, lateMs);
    this.#count += 1;
  }

  /** `share` of them were not later, from 0 to 1; 0 ms before the first. */
  quantileMs(share: number): number {
    const known = this.#lateMs.slice(0, Math.min(this.#count, capacity)).sort();
    return known[Math.min(known.length - 1, Math.floor(known.length * share))] ?? 0;
  }
}
