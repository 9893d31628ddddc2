// What stands on a router, as a room sees it: the engine's objects with their owners and with each other. Everything
// is closed through the stage, which keeps these links true.

import type { Timer } from '../core/clock.ts';
import type { ProducerInfo, RtpCapabilities, RtpParameters } from '../proto/gen/types.ts';
import type { EngineProducer, EngineRouter, EngineSource, EngineTransport } from './engine.ts';
import type { MediaKind, PixelSize, TrackSource } from './media.ts';
import type { MutableTrack, Mutes } from './mutes.ts';
import type { OutTrack } from './nodes/out-track.ts';
import type { PeerMedia } from './peer-media.ts';
import type { RoomConsumer } from './room-consumer.ts';

export interface RoomTransport {
  readonly id: string;
  readonly engine: EngineTransport;
  /** Where it stands, with all that is on it. */
  readonly router: EngineRouter;
  readonly peer: PeerMedia;
  /** What the client can receive; undefined for a transport to send. */
  readonly receives: RtpCapabilities | undefined;
  readonly producers: Set<RoomProducer>;
  readonly consumers: Set<RoomConsumer>;
  /** The client's DTLS parameters came. */
  connected: boolean;
  /** Runs while the client is not heard of. */
  lost: Timer | undefined;
  closed: boolean;
}

/** Where a process of this machine brings tracks of a peer. */
export interface PeerSource extends TrackOrigin {
  readonly id: string;
  readonly engine: EngineSource;
  readonly peer: PeerMedia;
  closed: boolean;
}

/** Where a producer comes from: a client's transport, a process of this machine, or another node. */
export interface TrackOrigin {
  readonly router: EngineRouter;
  readonly engine: Pick<EngineTransport, 'selectedProtocol'>;
  readonly producers: Set<RoomProducer>;
}

interface RoomProducerOptions {
  readonly engine: EngineProducer;
  readonly peer: PeerMedia;
  readonly transport: TrackOrigin;
  readonly kind: MediaKind;
  readonly owner: string;
  readonly source: TrackSource;
  readonly rtpParameters: RtpParameters;
  readonly mutes: Pick<Mutes, 'get'>;
  readonly pausedByOwner: boolean;
  readonly size: PixelSize | undefined;
  readonly encrypted: boolean;
  /** Whether the engine made it paused. */
  readonly enginePaused: boolean;
  readonly onChanged: (producer: RoomProducer) => void;
  /** It is read whole from now on, or not any more; or shown otherwise on another node. */
  readonly onReaders: (producer: RoomProducer) => void;
}

/** A track that a peer sends. It is paused when its owner or a moderator wants that. */
export class RoomProducer {
  readonly id: string;
  readonly engine: EngineProducer;
  readonly peer: PeerMedia;
  readonly transport: TrackOrigin;
  readonly consumers = new Set<RoomConsumer>();
  /** Its ways to other nodes. */
  readonly sentTo = new Set<OutTrack>();
  /** What mutes and locks of it are of. */
  readonly track: MutableTrack;
  readonly source: TrackSource;
  readonly kind: MediaKind;
  readonly rtpParameters: RtpParameters;
  readonly encrypted: boolean;
  /** The highest layer that anybody shows; -1: nobody shows it. Undefined: all are wanted. */
  wantedLayer: number | undefined;
  closed = false;
  readonly #mutes: Pick<Mutes, 'get'>;
  readonly #onChanged: (producer: RoomProducer) => void;
  readonly #onReaders: (producer: RoomProducer) => void;
  /** By node. */
  readonly #shownElsewhere = new Map<string, number>();
  #readers = 0;
  #size: PixelSize | undefined;
  #pausedByOwner: boolean;
  #enginePaused: boolean;
  #told: ProducerInfo;

  constructor(options: RoomProducerOptions) {
    this.id = options.engine.id;
    this.engine = options.engine;
    this.peer = options.peer;
    this.transport = options.transport;
    this.track = { peerId: options.peer.id, owner: options.owner, source: options.source };
    this.source = options.source;
    this.kind = options.kind;
    this.rtpParameters = options.rtpParameters;
    this.encrypted = options.encrypted;
    this.#size = options.size;
    this.#mutes = options.mutes;
    this.#onChanged = options.onChanged;
    this.#onReaders = options.onReaders;
    this.#pausedByOwner = options.pausedByOwner;
    this.#enginePaused = options.enginePaused;
    this.#told = this.info;
  }

  get info(): ProducerInfo {
    const mute = this.#mutes.get(this.track);
    return {
      producerId: this.id,
      kind: this.kind,
      source: this.source,
      paused: this.#pausedByOwner || mute !== 'none',
      muted: mute !== 'none',
      locked: mute === 'locked',
      ...this.#size,
      encrypted: this.encrypted,
    };
  }

  /** Of a picture at its largest; undefined: not known. */
  get size(): PixelSize | undefined {
    return this.#size;
  }

  set size({ width, height }: PixelSize) {
    if (width === this.#size?.width && height === this.#size.height) return;
    this.#size = { width, height };
    this.#told = this.info;
    this.#onChanged(this);
  }

  /** Something besides its consumers reads it in all its layers, as a recording does. */
  get isReadWhole(): boolean {
    return this.#readers > 0;
  }

  /** Answers what ends it; calling that again does nothing. */
  readWhole(): () => void {
    let reading = true;
    this.#readersAre(this.#readers + 1);
    return () => {
      if (!reading) return;
      reading = false;
      this.#readersAre(this.#readers - 1);
    };
  }

  /** The highest layer that is shown on other nodes; -1: none. */
  get shownElsewhere(): number {
    return Math.max(-1, ...this.#shownElsewhere.values());
  }

  /** Undefined: it is not sent to that node any more. */
  shownAt(node: string, layer: number | undefined): void {
    const before = this.shownElsewhere;
    if (layer === undefined) this.#shownElsewhere.delete(node);
    else this.#shownElsewhere.set(node, layer);
    if (this.shownElsewhere !== before && !this.closed) this.#onReaders(this);
  }

  setPausedByOwner(paused: boolean): Promise<void> {
    this.#pausedByOwner = paused;
    return this.apply();
  }

  /**
   * Brings the engine and the listeners in line with what the owner and the moderators want now. What is decided last
   * is asked of the engine last, so no order of answers can leave a muted track running.
   */
  async apply(): Promise<void> {
    const info = this.info;
    const before = this.#told;
    this.#told = info;
    if (info.paused !== before.paused || info.muted !== before.muted || info.locked !== before.locked) {
      this.#onChanged(this);
    }
    if (info.paused === this.#enginePaused) return;
    this.#enginePaused = info.paused;
    await (info.paused ? this.engine.pause() : this.engine.resume());
  }

  #readersAre(count: number): void {
    const before = this.isReadWhole;
    this.#readers = count;
    if (this.isReadWhole !== before && !this.closed) this.#onReaders(this);
  }
}
