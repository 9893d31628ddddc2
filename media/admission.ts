import { AppError } from '../core/errors.ts';
import type { PeerId } from '../core/ids.ts';
import type { MediaEngine } from './engine.ts';
import type { MediaKind } from './media.ts';
import type { MediaOptions } from './media-options.ts';
import type { RoomConsumer } from './room-consumer.ts';
import type { RoomProducer } from './room-objects.ts';
import type { RoomPolicy } from './room-policy.ts';

/** The next reading of the workers' CPU time, and time for those who are told to stop something. */
const retryAfterMs = 5_000;

export type Refused = 'video' | 'sound' | 'transports';

/** Says what this node takes no more of, and counts what it refused. */
export class LoadLimits {
  readonly #engine: Pick<MediaEngine, 'places'>;
  readonly #options: Pick<MediaOptions, 'videoLoadLimit' | 'audioLoadLimit'>;
  readonly refused: Record<Refused, number> = { video: 0, sound: 0, transports: 0 };

  constructor(engine: Pick<MediaEngine, 'places'>, options: Pick<MediaOptions, 'videoLoadLimit' | 'audioLoadLimit'>) {
    this.#engine = engine;
    this.#options = options;
  }

  /** False without any worker too. */
  canTake(kind: MediaKind): boolean {
    const limit = kind === 'video' ? this.#options.videoLoadLimit : this.#options.audioLoadLimit;
    return this.#engine.places.some(({ load }) => load < limit);
  }

  /** @throws {AppError} NODE_OVERLOADED. Not without workers: that is another error, which comes by itself. */
  require(what: Refused): void {
    if (this.canTake(what === 'video' ? 'video' : 'audio') || this.#engine.places.length === 0) return;
    this.refused[what] += 1;
    throw new AppError('NODE_OVERLOADED', { what }, { retryAfterMs });
  }
}

interface Tally {
  /** Tracks of each kind that it receives, and the most that it received at once. */
  readonly receives: Record<MediaKind, number>;
  readonly peak: Record<MediaKind, number>;
  readonly sent: Set<RoomProducer['source']>;
}

/**
 * Keeps new load off a node that is full. Who was let in stays in: what a peer has had in this room it may have again, as
 * after a reset or on a path that is built anew.
 */
export class Admission implements RoomPolicy {
  readonly #limits: LoadLimits;
  /** Of peers that are there. */
  readonly #tallies = new Map<PeerId, Tally>();

  constructor(limits: LoadLimits) {
    this.#limits = limits;
  }

  /** @throws {AppError} NODE_OVERLOADED, as all of these. */
  requireTransport(peerId: PeerId): void {
    if (!this.#tallies.has(peerId)) this.#limits.require('transports');
  }

  requireToSend(peerId: PeerId, kind: MediaKind, source: RoomProducer['source']): void {
    if (!this.#tallies.get(peerId)?.sent.has(source)) this.#limits.require(wordOf[kind]);
  }

  requireToReceive(peerId: PeerId, kind: MediaKind): void {
    const tally = this.#tallies.get(peerId);
    if (!tally || tally.receives[kind] >= tally.peak[kind]) this.#limits.require(wordOf[kind]);
  }

  /** The peer has a transport. */
  entered(peerId: PeerId): void {
    this.#tallyOf(peerId);
  }

  producerAdded({ peer, source }: RoomProducer): void {
    this.#tallyOf(peer.id).sent.add(source);
  }

  consumerAdded({ peer, producer: { kind } }: RoomConsumer): void {
    const { receives, peak } = this.#tallyOf(peer.id);
    receives[kind] += 1;
    peak[kind] = Math.max(peak[kind], receives[kind]);
  }

  consumerRemoved({ peer, producer: { kind } }: RoomConsumer): void {
    const tally = this.#tallies.get(peer.id);
    if (tally) tally.receives[kind] -= 1;
  }

  peerRemoved(peerId: PeerId): void {
    this.#tallies.delete(peerId);
  }

  close(): void {
    this.#tallies.clear();
  }

  #tallyOf(peerId: PeerId): Tally {
    const known = this.#tallies.get(peerId);
    if (known) return known;
    const tally: Tally = { receives: { audio: 0, video: 0 }, peak: { audio: 0, video: 0 }, sent: new Set() };
    this.#tallies.set(peerId, tally);
    return tally;
  }
}

const wordOf = { audio: 'sound', video: 'video' } as const satisfies Record<MediaKind, Refused>;
