import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { PeerId } from '../core/ids.ts';
import { costOf, usualBitsPerPicture } from './choose-place.ts';
import type { MediaEngine } from './engine.ts';
import type { MediaKind } from './media.ts';
import type { MediaOptions } from './media-options.ts';
import { Promises } from './promises.ts';
import type { RoomConsumer } from './room-consumer.ts';
import type { RoomProducer, RoomTransport } from './room-objects.ts';
import type { RoomPolicy } from './room-policy.ts';

/** The next reading of the workers' CPU time, and time for those who are told to stop something. */
const retryAfterMs = 5_000;

export type Refused = 'video' | 'sound' | 'transports';

const costOfPicture = costOf({ sounds: 0, videoBitsPerSecond: usualBitsPerPicture, join: false });

interface LoadLimitsParts {
  readonly engine: Pick<MediaEngine, 'places'>;
  readonly options: Pick<MediaOptions, 'videoLoadLimit' | 'audioLoadLimit'>;
  readonly clock: Clock;
}

/** Says what this node takes no more of, and counts what it refused. */
export class LoadLimits {
  readonly refused: Record<Refused, number> = { video: 0, sound: 0, transports: 0 };
  readonly #parts: LoadLimitsParts;
  /** Pictures that were let in since: a crowd comes between two readings, and who is in stays in. */
  readonly #pictures: Promises;

  constructor(parts: LoadLimitsParts) {
    this.#parts = parts;
    this.#pictures = new Promises(parts.clock);
  }

  /** @throws {AppError} NODE_OVERLOADED. Not without workers: that is another error, which comes by itself. */
  require(what: Refused): void {
    const { places } = this.#parts.engine;
    if (places.length === 0 || (what === 'video' ? this.#hasRoomForPictures() : this.#hasRoomForSounds())) return;
    this.refused[what] += 1;
    throw new AppError('NODE_OVERLOADED', { what }, { retryAfterMs });
  }

  /** A picture more is sent or received at a place. */
  letIn(place: number): void {
    this.#pictures.add(place, costOfPicture);
  }

  #hasRoomForPictures(): boolean {
    const { engine, options } = this.#parts;
    const fresh = this.#pictures.sums();
    return engine.places.some(({ place, load }) => load + (fresh.get(place) ?? 0) < options.videoLoadLimit);
  }

  /** As measured: who is to be heard is not kept out for what is only expected. */
  #hasRoomForSounds(): boolean {
    const { engine, options } = this.#parts;
    return engine.places.some(({ load }) => load < options.audioLoadLimit);
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

  producerAdded({ peer, source, kind, transport }: RoomProducer): void {
    const { sent } = this.#tallyOf(peer.id);
    if (!sent.has(source)) this.#letIn(kind, transport);
    sent.add(source);
  }

  consumerAdded({ peer, producer: { kind }, transport }: RoomConsumer): void {
    const { receives, peak } = this.#tallyOf(peer.id);
    receives[kind] += 1;
    if (receives[kind] <= peak[kind]) return;
    peak[kind] = receives[kind];
    this.#letIn(kind, transport);
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

  #letIn(kind: MediaKind, { router }: Pick<RoomTransport, 'router'>): void {
    if (kind === 'video') this.#limits.letIn(router.place);
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
