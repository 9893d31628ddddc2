import type { EngineNodeTrack } from '../engine.ts';
import type { RoomProducer } from '../room-objects.ts';

/** Who may keep a track from flowing to another node: nobody shows it there, or it does not have the floor. */
export type OutHold = 'view' | 'floor';

interface OutTrackParts {
  readonly node: string;
  readonly producer: RoomProducer;
  readonly sent: Promise<EngineNodeTrack>;
}

/** A track of this node on its way to another one. Until that says what it shows of it, that is all. */
export class OutTrack {
  readonly node: string;
  readonly producer: RoomProducer;
  readonly sent: Promise<EngineNodeTrack>;
  closed = false;
  readonly #holds = new Set<OutHold>();
  #enginePaused = false;

  constructor({ node, producer, sent }: OutTrackParts) {
    this.node = node;
    this.producer = producer;
    this.sent = sent;
    producer.sentTo.add(this);
    producer.shownAt(node, producer.engine.layers.spatial - 1);
  }

  get flows(): boolean {
    return this.#holds.size === 0;
  }

  /** -1: nobody shows it there. */
  showsThere(layer: number): void {
    if (this.closed) return;
    this.producer.shownAt(this.node, layer);
    this.hold('view', layer < 0);
  }

  hold(reason: OutHold, on: boolean): void {
    if (on) this.#holds.add(reason);
    else this.#holds.delete(reason);
    this.#apply();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.producer.sentTo.delete(this);
    this.producer.shownAt(this.node, undefined);
    this.sent.then(
      ({ close }) => close(),
      () => {},
    );
  }

  /** What is wanted last is asked of the engine last. */
  #apply(): void {
    const paused = !this.flows;
    if (paused === this.#enginePaused) return;
    this.#enginePaused = paused;
    this.sent.then((track) => (paused ? track.pause() : track.resume())).catch(() => {});
  }
}
