import type { Clock } from '../../../core/clock.ts';
import { formatEndpoint } from '../transports/endpoint.ts';
import type { Target } from '../transports/transports.ts';

const mostTargets = 10_000;

/** Who did not answer lately. They come last, and are tried again when their time is over (RFC 3263 section 4.3). */
export class DeadTargets {
  readonly #clock: Clock;
  readonly #forMs: number;
  readonly #untilMs = new Map<string, number>();

  constructor(clock: Clock, forMs = 30_000) {
    this.#clock = clock;
    this.#forMs = forMs;
  }

  get size(): number {
    return this.#untilMs.size;
  }

  /** `forMs` where the other side said for how long, as with Retry-After. */
  mark(target: Target, forMs = this.#forMs): void {
    this.#untilMs.delete(keyOf(target));
    this.#untilMs.set(keyOf(target), this.#clock.monotonicMs() + forMs);
    if (this.#untilMs.size <= mostTargets) return;
    const [oldest] = this.#untilMs.keys();
    if (oldest !== undefined) this.#untilMs.delete(oldest);
  }

  revive(target: Target): void {
    this.#untilMs.delete(keyOf(target));
  }

  has(target: Target): boolean {
    const key = keyOf(target);
    const untilMs = this.#untilMs.get(key);
    if (untilMs === undefined || untilMs > this.#clock.monotonicMs()) return untilMs !== undefined;
    this.#untilMs.delete(key);
    return false;
  }

  /** The living ones first, both in the order that they came in. */
  last(targets: readonly Target[]): Target[] {
    const dead = targets.filter((target) => this.has(target));
    return dead.length === 0 ? [...targets] : [...targets.filter((target) => !dead.includes(target)), ...dead];
  }
}

function keyOf(target: Target): string {
  return `${target.protocol} ${formatEndpoint(target)}`;
}
