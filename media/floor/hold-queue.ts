import type { RoomConsumer } from '../room-consumer.ts';

/** Consumers whose hold changes in one turn: asking a worker takes some 30 µs of this process each. */
const perTurn = 200;

/**
 * Brings the holds of consumers in line, those that are to flow first. What is to be is read when its turn comes, so a consumer
 * stands here once at most.
 */
export class HoldQueue {
  readonly #isHeld: (consumer: RoomConsumer) => boolean;
  readonly #defer: (run: () => void) => void;
  readonly #toFlow = new Set<RoomConsumer>();
  readonly #toWait = new Set<RoomConsumer>();
  #deferred = false;

  constructor(isHeld: (consumer: RoomConsumer) => boolean, defer: (run: () => void) => void) {
    this.#isHeld = isHeld;
    this.#defer = defer;
  }

  add(consumers: Iterable<RoomConsumer>, { flow }: { flow: boolean }): void {
    const [to, from] = flow ? [this.#toFlow, this.#toWait] : [this.#toWait, this.#toFlow];
    for (const consumer of consumers) {
      to.add(consumer);
      from.delete(consumer);
    }
  }

  /** The first of them now, the rest in the turns that follow. */
  run(): void {
    if (!this.#deferred) this.#turn();
  }

  forget(consumer: RoomConsumer): void {
    this.#toFlow.delete(consumer);
    this.#toWait.delete(consumer);
  }

  #turn(): void {
    this.#deferred = false;
    let left = perTurn;
    for (const queue of [this.#toFlow, this.#toWait]) {
      for (const consumer of queue) {
        if (left === 0) break;
        left -= 1;
        queue.delete(consumer);
        if (!consumer.closed) consumer.hold('floor', this.#isHeld(consumer));
      }
    }
    if (this.#toFlow.size + this.#toWait.size === 0) return;
    this.#deferred = true;
    this.#defer(() => this.#turn());
  }
}
