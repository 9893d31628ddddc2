import type { types } from 'mediasoup-client';

/** For those who receive a track to change over to the one that takes its place. */
const overlapMs = 1_000;

/** A producer that another one has taken the place of: sent until those who receive it have that one. */
export class ReplacedProducer {
  readonly #onEnded: (producerId: string) => void;
  #producer: types.Producer | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `onEnded`: of one that its transport did not take with it. */
  constructor(onEnded: (producerId: string) => void) {
    this.#onEnded = onEnded;
  }

  /** One at a time: what was replaced before ends now. */
  keep(producer: types.Producer): void {
    this.end();
    this.#producer = producer;
    this.#timer = setTimeout(() => this.end(), overlapMs);
  }

  end(): void {
    clearTimeout(this.#timer);
    const producer = this.#producer;
    this.#producer = undefined;
    if (!producer || producer.closed) return;
    producer.close();
    this.#onEnded(producer.id);
  }
}
