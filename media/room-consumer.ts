import { AppError } from '../core/errors.ts';
import type { ConsumerView } from '../proto/gen/types.ts';
import type { EngineConsumer } from './engine.ts';
import type { PreferredLayers } from './media.ts';
import type { PeerMedia } from './peer-media.ts';
import type { RoomProducer, RoomTransport } from './room-objects.ts';

/** Who may keep a consumer from flowing besides its owner. */
export type Hold = 'view' | 'floor' | 'mend' | 'line';
/** Who may keep it to lower layers besides its owner. */
export type LayerLimit = 'view' | 'loss' | 'mend' | 'line';

interface RoomConsumerOptions {
  readonly engine: EngineConsumer;
  readonly peer: PeerMedia;
  readonly transport: RoomTransport;
  readonly producer: RoomProducer;
  readonly view: ConsumerView | undefined;
  readonly onChanged: (consumer: RoomConsumer) => void;
  /** Ends it; its owner is told to consume the same producer again. */
  readonly onRestart: (consumer: RoomConsumer) => void;
}

/**
 * A track that a peer receives. It starts paused by its owner, flows while nothing holds it, and gets the lowest of the
 * layers that anybody limits it to. Rules ask without waiting: what they ask of a consumer that is gone is nothing.
 */
export class RoomConsumer {
  readonly id: string;
  readonly engine: EngineConsumer;
  readonly peer: PeerMedia;
  readonly transport: RoomTransport;
  readonly producer: RoomProducer;
  closed = false;
  /** The layers that are forwarded; -1: none. */
  layersNow: { readonly spatialLayer: number; readonly temporalLayer: number } = {
    spatialLayer: -1,
    temporalLayer: -1,
  };
  readonly #onChanged: (consumer: RoomConsumer) => void;
  readonly #onRestart: (consumer: RoomConsumer) => void;
  readonly #holds = new Set<Hold>();
  readonly #limits = new Map<LayerLimit, PreferredLayers>();
  #view: ConsumerView | undefined;
  #ceiling: PreferredLayers | undefined;
  #pausedByOwner = true;
  #enginePaused = true;
  #engineLayers: PreferredLayers | undefined;
  #enginePriority = 1;

  constructor(options: RoomConsumerOptions) {
    this.id = options.engine.id;
    this.engine = options.engine;
    this.peer = options.peer;
    this.transport = options.transport;
    this.producer = options.producer;
    this.#view = options.view;
    this.#onChanged = options.onChanged;
    this.#onRestart = options.onRestart;
  }

  get flows(): boolean {
    return !this.#pausedByOwner && this.#holds.size === 0;
  }

  get pausedByOwner(): boolean {
    return this.#pausedByOwner;
  }

  isHeldBy(hold: Hold): boolean {
    return this.#holds.has(hold);
  }

  /** What its client shows of it; undefined: it did not say. */
  get view(): ConsumerView | undefined {
    return this.#view;
  }

  set view(view: ConsumerView) {
    this.#view = view;
    this.#onChanged(this);
  }

  /** The highest layers that it may get now; undefined: all. */
  get wantedLayers(): PreferredLayers | undefined {
    return lowest([this.#ceiling, ...this.#limits.values()]);
  }

  /** The highest layers that its owner has a use for, whatever the way to it takes; undefined: all. */
  get shownLayers(): PreferredLayers | undefined {
    return lowest([this.#ceiling, this.#limits.get('view')]);
  }

  /** @throws {AppError} MEDIA_UNAVAILABLE, by rejection. */
  async setPausedByOwner(paused: boolean): Promise<void> {
    this.#pausedByOwner = paused;
    const asked = this.#applyHolds();
    this.#onChanged(this);
    await asked;
  }

  /** What its owner wants at most. @throws {AppError} MEDIA_UNAVAILABLE, by rejection. */
  async setCeiling(layers: PreferredLayers): Promise<void> {
    this.#ceiling = layers;
    const asked = this.#applyLayers();
    this.#onChanged(this);
    await asked;
  }

  hold(reason: Hold, on: boolean): void {
    if (on) this.#holds.add(reason);
    else this.#holds.delete(reason);
    forget(this.#applyHolds());
  }

  /** Undefined: no limit by this reason any more. */
  limit(reason: LayerLimit, layers: PreferredLayers | undefined): void {
    if (layers) this.#limits.set(reason, layers);
    else this.#limits.delete(reason);
    forget(this.#applyLayers());
  }

  /** 1 to 255; see {@link EngineConsumer.setPriority}. */
  setPriority(priority: number): void {
    if (priority === this.#enginePriority) return;
    this.#enginePriority = priority;
    forget(this.#ask(() => this.engine.setPriority(priority)));
  }

  /** Ends it; its owner is told to consume the same producer again. */
  restart(): void {
    this.#onRestart(this);
  }

  requestKeyFrame(): void {
    forget(this.#ask(() => this.engine.requestKeyFrame()));
  }

  /** What is wanted last is asked of the engine last, so no order of answers can leave it otherwise. */
  #applyHolds(): Promise<void> {
    const paused = !this.flows;
    if (paused === this.#enginePaused) return Promise.resolve();
    this.#enginePaused = paused;
    return this.#ask(() => (paused ? this.engine.pause() : this.engine.resume()));
  }

  #applyLayers(): Promise<void> {
    const { spatial, temporal } = this.engine.layers;
    // Without any limit and never with one: the engine sends the highest by itself.
    const wanted =
      this.wantedLayers ?? (this.#engineLayers && { spatialLayer: spatial - 1, temporalLayer: temporal - 1 });
    if (!wanted || (this.#engineLayers && isSame(wanted, this.#engineLayers))) return Promise.resolve();
    this.#engineLayers = wanted;
    return this.#ask(() => this.engine.setPreferredLayers(wanted));
  }

  async #ask(call: () => Promise<void>): Promise<void> {
    if (this.closed) return;
    try {
      await call();
    } catch (error) {
      // Closed in between, here or in the worker, which tells in its own time.
      if (this.closed || (error instanceof AppError && error.reason === 'CONSUMER_NOT_FOUND')) return;
      throw error;
    }
  }
}

/** Of a rule's wish nothing is left when the worker is gone. */
function forget(asked: Promise<void>): void {
  asked.catch(() => {});
}

function lowest(limits: readonly (PreferredLayers | undefined)[]): PreferredLayers | undefined {
  return limits.reduce((least, limit) => (least && limit ? lower(least, limit) : (least ?? limit)), undefined);
}

function lower(one: PreferredLayers, other: PreferredLayers): PreferredLayers {
  const temporalLayers = [one.temporalLayer, other.temporalLayer].filter((layer) => layer !== undefined);
  return {
    spatialLayer: Math.min(one.spatialLayer, other.spatialLayer),
    temporalLayer: temporalLayers.length > 0 ? Math.min(...temporalLayers) : undefined,
  };
}

function isSame(one: PreferredLayers, other: PreferredLayers): boolean {
  return one.spatialLayer === other.spatialLayer && one.temporalLayer === other.temporalLayer;
}
