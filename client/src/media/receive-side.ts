import type { types } from 'mediasoup-client';
import type { ProducerInfo } from '../../../proto/gen/types.ts';
import type { RemoteTrack, TrackSource } from '../api.ts';
import type { RoomEncryption } from '../e2ee/room-encryption.ts';
import { sdkError } from '../errors.ts';
import type { RoomCalls } from '../room-calls.ts';
import type { ClientTiming } from '../timing.ts';
import { withTimeout } from '../waiting.ts';
import type { Legacy } from './legacy.ts';
import { Limiter } from './limiter.ts';
import { MediaPath } from './media-path.ts';
import { Reception } from './reception.ts';
import type { ReceivedTrack } from './remote-track.ts';

/** So many consumers are being made at once; the server allows more open calls, and they are for others too. */
const maxParallelConsumes = 8;

export interface ReceiveSideParts {
  readonly calls: RoomCalls;
  readonly timing: ClientTiming;
  readonly device: () => Promise<types.Device>;
  readonly encryption: RoomEncryption;
  readonly autoSubscribe: boolean;
  onTrackAdded(track: RemoteTrack): void;
  onTrackRemoved(track: RemoteTrack): void;
  onTrackChanged(track: RemoteTrack): void;
  onStateChanged(): void;
}

/** What a client receives from a room. Knows of every track that somebody else sends, wanted or not. */
export class ReceiveSide {
  readonly path: MediaPath;
  /** Without the grant nothing is asked for. */
  allowed = false;
  readonly #parts: ReceiveSideParts;
  readonly #receptions = new Map<string, Reception>();
  readonly #tracks = new Map<string, ReceivedTrack>();
  /** What no other track took the place of yet: of tracks that were wanted, for seconds. */
  readonly #legacies = new Set<Legacy>();
  readonly #limiter = new Limiter(maxParallelConsumes);
  #autoSubscribe: boolean;
  #held = false;

  constructor(parts: ReceiveSideParts) {
    this.#parts = parts;
    this.#autoSubscribe = parts.autoSubscribe;
    this.path = new MediaPath({
      ...parts,
      direction: 'recv',
      settings: () => parts.encryption.settings,
      onOpened: () => this.#forEach((reception) => reception.sync()),
      onDropped: () => this.#forEach((reception) => reception.dropped()),
      onKept: () => this.#forEach((reception) => reception.kept()),
      onKeptEnded: () => this.#forEach((reception) => reception.keptEnded()),
    });
  }

  get tracks(): ReadonlyMap<string, ReceivedTrack> {
    return this.#tracks;
  }

  get isWanted(): boolean {
    for (const reception of this.#receptions.values()) if (reception.isWanted) return true;
    return false;
  }

  get autoSubscribe(): boolean {
    return this.#autoSubscribe;
  }

  set autoSubscribe(on: boolean) {
    if (on && !this.#autoSubscribe) this.#forEach((reception) => this.#wantIfAllowed(reception));
    this.#autoSubscribe = on;
    this.#parts.onStateChanged();
  }

  /** Nothing is heard or seen of what comes meanwhile. */
  set held(held: boolean) {
    this.#held = held;
    for (const { track } of this.#tracks.values()) track.enabled = !held;
  }

  /** @throws {ParleyError} PRODUCER_NOT_FOUND, MEDIA_TIMEOUT, E2EE_UNSUPPORTED, or what the server refuses it with. */
  async subscribe(producerId: string): Promise<RemoteTrack> {
    await this.#parts.device();
    const reception = this.#receptions.get(producerId);
    if (!reception) throw sdkError('PRODUCER_NOT_FOUND');
    const received = reception.received();
    reception.want();
    this.#parts.onStateChanged();
    return withTimeout(received, this.#parts.timing.mediaTimeoutMs, () => sdkError('MEDIA_TIMEOUT'));
  }

  async unsubscribe(producerId: string): Promise<void> {
    const reception = this.#receptions.get(producerId);
    // What is shown of it may be left to another one already, or that one is waited for.
    const isIt = (other: Reception) =>
      other.track?.producerId === producerId || (reception && other.isHeirOf(reception));
    const others = [...this.#receptions.values()].filter((other) => other !== reception && isIt(other));
    for (const legacy of this.#legacies) if (legacy.track?.producerId === producerId) this.#end(legacy);
    await Promise.all([reception, ...others].map((concerned) => concerned?.unwant()));
    this.#parts.onStateChanged();
  }

  /** Somebody sends this, or it changed. What it replaces is received until this is: its sender goes on at another node. */
  producerKnown(peerId: string, info: ProducerInfo, replaces = ''): void {
    const known = this.#receptions.get(info.producerId);
    if (known) {
      known.changed(info);
      if (known.isWanted) this.#bequeath(known, peerId, info.source);
      return;
    }
    const reception = new Reception({
      ...this.#parts,
      peerId,
      info,
      path: this.path,
      limiter: this.#limiter,
      onAdded: (track) => this.#added(track),
      onRemoved: (track) => this.#removed(track),
      onChanged: (track) => {
        if (this.#held) track.track.enabled = false;
        this.#parts.onTrackChanged(track);
      },
    });
    this.#receptions.set(info.producerId, reception);
    const before = this.#receptions.get(replaces);
    if (before) reception.follow(before, () => this.producerGone(replaces));
    this.#bequeath(reception, peerId, info.source);
    if (this.#autoSubscribe) this.#wantIfAllowed(reception);
    this.#parts.onStateChanged();
  }

  /**
   * Nobody sends this any more. `sentNow`: a snapshot says so, that has these of the same peer instead. While one of the two goes
   * from node to node, that may be the same track under another name, or one that the node does not know of yet.
   */
  producerGone(producerId: string, sentNow?: readonly ProducerInfo[]): void {
    const reception = this.#receptions.get(producerId);
    if (!reception) return;
    this.#receptions.delete(producerId);
    const heir = [...this.#receptions.values()].find((other) => other.isHeirOf(reception));
    if (heir) heir.inherit(reception.leave(heir));
    else if (sentNow) this.#keep(reception.leave(), sentNow);
    else reception.close();
    this.#parts.onStateChanged();
    // There is room for another one that was refused.
    this.#forEach((other) => {
      if (other.refusalReason === 'TOO_MANY_MEDIA_OBJECTS') other.want();
    });
  }

  /** Nothing of theirs is waited for. */
  peersLeft(peerIds: readonly string[]): void {
    for (const legacy of this.#legacies) if (peerIds.includes(legacy.peerId)) this.#end(legacy);
  }

  /** The connection is back, and the transports are as they were. */
  resumed(): void {
    this.#forEach((reception) => reception.sync());
  }

  consumerClosed(consumerId: string, { restart = false } = {}): void {
    this.#forEach((reception) => {
      if (reception.consumerId !== consumerId) return;
      if (restart) reception.restarted();
      // Nothing is asked for again: that its producer or its transport ended is told next.
      else reception.dropped();
    });
  }

  close(): void {
    for (const producerId of [...this.#receptions.keys()]) this.producerGone(producerId);
    for (const legacy of this.#legacies) this.#end(legacy);
    this.path.close();
  }

  #wantIfAllowed(reception: Reception): void {
    if (this.allowed) reception.want();
  }

  #keep(legacy: Legacy, sentNow: readonly ProducerInfo[]): void {
    for (const other of this.#legacies) if (other.ended) this.#legacies.delete(other);
    const isReplaced = sentNow.some(
      ({ producerId, source }) => source === legacy.source && !this.#receptions.get(producerId)?.isReceived,
    );
    if (legacy.wanted && (isReplaced || this.path.isHandedOver)) this.#legacies.add(legacy);
    else legacy.end();
  }

  #bequeath(reception: Reception, peerId: string, source: TrackSource): void {
    for (const legacy of this.#legacies) {
      if (!legacy.isOf(peerId, source)) continue;
      this.#legacies.delete(legacy);
      if (this.allowed && !legacy.ended && !reception.isReceived) reception.inherit(legacy);
      else legacy.end();
    }
  }

  #end(legacy: Legacy): void {
    this.#legacies.delete(legacy);
    legacy.end();
  }

  #added(track: ReceivedTrack): void {
    this.#tracks.set(track.producerId, track);
    if (this.#held) track.track.enabled = false;
    this.#parts.onTrackAdded(track);
  }

  #removed(track: ReceivedTrack): void {
    if (this.#tracks.get(track.producerId) === track) this.#tracks.delete(track.producerId);
    this.#parts.onTrackRemoved(track);
  }

  #forEach(visit: (reception: Reception) => void): void {
    for (const reception of [...this.#receptions.values()]) visit(reception);
  }
}
