import type { Life, NodeInfo } from '../../cluster/directory.ts';
import type { Clock } from '../../core/clock.ts';

/** A client goes at once; what it costs there is in the beats after that. */
const promiseMs = 10_000;
/** To one node; beyond that the oldest counts no more. */
const maxPromises = 10_000;

/** Clients that this node sent to others and that do not show in what those say of themselves yet. */
export class PromisedJoins {
  readonly #clock: Clock;
  /** Until when each counts, on the monotonic clock; the first ends first. */
  readonly #untilMs = new Map<Life, number[]>();
  readonly #peers = new Map<Life, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(life: Life): void {
    const promises = this.#untilMs.get(life) ?? [];
    this.#untilMs.set(life, promises);
    promises.push(this.#clock.monotonicMs() + promiseMs);
    if (promises.length > maxPromises) promises.shift();
  }

  countOf(life: Life): number {
    const promises = this.#untilMs.get(life);
    if (promises === undefined) return 0;
    const nowMs = this.#clock.monotonicMs();
    const running = promises.findIndex((untilMs) => untilMs > nowMs);
    if (running === -1) this.#untilMs.delete(life);
    else if (running > 0) promises.splice(0, running);
    return running === -1 ? 0 : promises.length;
  }

  /** So many more peers than at its last beat have come there, whoever sent them. */
  told(life: Life, { peers }: Pick<NodeInfo, 'peers'>): void {
    const arrived = peers - (this.#peers.get(life) ?? peers);
    this.#peers.set(life, peers);
    if (arrived > 0) this.#untilMs.get(life)?.splice(0, arrived);
  }

  died(life: Life): void {
    this.#untilMs.delete(life);
    this.#peers.delete(life);
  }
}
