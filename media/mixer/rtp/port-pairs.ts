import { randomInt } from 'node:crypto';

interface PortPairsOptions {
  /** The range, with both ends: an odd start counts from the next even port, and the last pair has its second one in it. */
  readonly minPort: number;
  readonly maxPort: number;
  /** A pair that was given back stays unused for so long: packets of the call before may still come. */
  readonly releaseAfterMs?: number;
  /** Which pair to begin at, of so many. */
  readonly random?: (pairs: number) => number;
}

/** Even ports for RTP, each with the one above it for RTCP (RFC 3550 section 11), in turn, from a random one on. */
export class PortPairs {
  readonly #firstPort: number;
  readonly #pairs: number;
  readonly #releaseAfterMs: number;
  readonly #taken = new Set<number>();
  /** Oldest first. */
  readonly #resting: { readonly port: number; readonly untilMs: number }[] = [];
  #next: number;

  /** @throws {RangeError} for a range without a pair. */
  constructor({ minPort, maxPort, releaseAfterMs = 5_000, random = randomInt }: PortPairsOptions) {
    this.#firstPort = minPort + (minPort % 2);
    this.#pairs = Math.floor((maxPort - this.#firstPort + 1) / 2);
    if (!(this.#pairs >= 1 && minPort > 0 && maxPort <= 65_535)) {
      throw new RangeError(`Between ports ${minPort} and ${maxPort} there is no pair.`);
    }
    this.#releaseAfterMs = releaseAfterMs;
    this.#next = random(this.#pairs);
  }

  /** Those that are in use, or rest. */
  get taken(): number {
    return this.#taken.size;
  }

  get free(): number {
    return this.#pairs - this.#taken.size;
  }

  /** The even port of a pair that nobody has; undefined: there is none. */
  take(nowMs: number): number | undefined {
    this.#wake(nowMs);
    if (this.free === 0) return undefined;
    for (;;) {
      const port = this.#firstPort + 2 * this.#next;
      this.#next = (this.#next + 1) % this.#pairs;
      if (this.#taken.has(port)) continue;
      this.#taken.add(port);
      return port;
    }
  }

  /** Gives a pair back. Of one that was not taken, or was given back before, nothing happens. */
  release(port: number, nowMs: number): void {
    const rests = this.#resting.some((resting) => resting.port === port);
    if (this.#taken.has(port) && !rests) this.#resting.push({ port, untilMs: nowMs + this.#releaseAfterMs });
  }

  #wake(nowMs: number): void {
    const awake = this.#resting.findIndex(({ untilMs }) => untilMs > nowMs);
    for (const { port } of this.#resting.splice(0, awake < 0 ? this.#resting.length : awake)) this.#taken.delete(port);
  }
}
