import type { OutTrack } from '../nodes/out-track.ts';
import type { RoomConsumer } from '../room-consumer.ts';

/** What a voice goes by: to a client, or to another node. */
export type VoiceWay = RoomConsumer | OutTrack;

/** Consumers whose hold changes in one turn: asking a worker takes some 30 µs of this process each. */
const perTurn = 200;

/**
 * Brings the holds of consumers in line, and of ways to other nodes, those that are to flow first. What is to be is read when its turn
 * comes, so each stands here once at most.
 */
export class HoldQueue {
  readonly #isHeld: (way: VoiceWay) => boolean;
  readonly #defer: (run: () => void) => void;
  readonly #toFlow = new Set<VoiceWay>();
  readonly #toWait = new Set<VoiceWay>();
  #deferred = false;

  constructor(isHeld: (way: VoiceWay) => boolean, defer: (run: () => void) => void) {
    this.#isHeld = isHeld;
    this.#defer = defer;
  }

  add(ways: Iterable<VoiceWay>, { flow }: { flow: boolean }): void {
    const [to, from] = flow ? [this.#toFlow, this.#toWait] : [this.#toWait, this.#toFlow];
    for (const way of ways) {
      to.add(way);
      from.delete(way);
    }
  }

  /** The first of them now, the rest in the turns that follow. */
  run(): void {
    if (!this.#deferred) this.#turn();
  }

  forget(way: VoiceWay): void {
    this.#toFlow.delete(way);
    this.#toWait.delete(way);
  }

  #turn(): void {
    this.#deferred = false;
    let left = perTurn;
    for (const queue of [this.#toFlow, this.#toWait]) {
      for (const way of queue) {
        if (left === 0) break;
        left -= 1;
        queue.delete(way);
        if (!way.closed) way.hold('floor', this.#isHeld(way));
      }
    }
    if (this.#toFlow.size + this.#toWait.size === 0) return;
    this.#deferred = true;
    this.#defer(() => this.#turn());
  }
}
