import type { types } from 'mediasoup-client';
import type { ProducerInfo } from '../../../proto/gen/types.ts';
import type { LocalTrack, PublishOptions, TrackSource } from '../api.ts';
import type { RoomEncryption } from '../e2ee/room-encryption.ts';
import { type ParleyError, sdkError } from '../errors.ts';
import type { RoomCalls } from '../room-calls.ts';
import type { ClientTiming } from '../timing.ts';
import { withTimeout } from '../waiting.ts';
import { SentTrack } from './local-track.ts';
import type { Mute } from './local-track-parts.ts';
import { MediaPath } from './media-path.ts';

export interface SendSideParts {
  readonly calls: RoomCalls;
  readonly timing: ClientTiming;
  readonly device: () => Promise<types.Device>;
  readonly encryption: RoomEncryption;
  onTrackChanged(track: LocalTrack): void;
  onTrackFailed(track: LocalTrack, error: ParleyError): void;
  onStateChanged(): void;
}

const unmuted: Mute = { muted: false, locked: false };

/** What a client sends into a room: at most one track of each source, over as many transports as it takes. */
export class SendSide {
  readonly path: MediaPath;
  readonly #parts: SendSideParts;
  #audioCodec = '';
  #held = false;
  readonly #tracks = new Map<TrackSource, SentTrack>();
  /** By source and not by track: what a moderator muted is muted when it is published again too. */
  readonly #mutes = new Map<TrackSource, Mute>();
  /** What sends by way of the node where the session was, until that transport is closed: no longer than its track is published. */
  readonly #kept = new Map<SentTrack, types.Producer | undefined>();

  constructor(parts: SendSideParts) {
    this.#parts = parts;
    this.path = new MediaPath({
      ...parts,
      direction: 'send',
      settings: () => parts.encryption.settings,
      onOpened: () => this.#forEach((track) => void track.sync()),
      onDropped: () => this.#forEach((track) => track.dropped()),
      onKept: () => this.#forEach((track) => this.#keep(track)),
      onKeptEnded: () => this.#kept.clear(),
    });
  }

  get tracks(): ReadonlyMap<TrackSource, SentTrack> {
    return this.#tracks;
  }

  get isWanted(): boolean {
    return this.#tracks.size > 0;
  }

  get audioCodec(): string {
    return this.#audioCodec;
  }

  /** What a microphone is sent with from now on; empty: as the platform likes. Who receives it has no hole. */
  set audioCodec(codec: string) {
    if (codec === this.#audioCodec) return;
    this.#audioCodec = codec;
    void this.#tracks.get('microphone')?.sync();
  }

  get held(): boolean {
    return this.#held;
  }

  /** Nothing that could be heard or seen is sent meanwhile. */
  set held(held: boolean) {
    this.#held = held;
    this.#forEach((track) => {
      track.held = held;
    });
  }

  /** @throws {ParleyError} MEDIA_UNSUPPORTED, NOT_IN_ROOM, TRACK_ENDED, MEDIA_TIMEOUT, E2EE_…, or what the server refuses it with. */
  async publish(
    track: MediaStreamTrack,
    { source, paused = false, encodings, codec }: PublishOptions,
  ): Promise<LocalTrack> {
    const device = await this.#parts.device();
    if (this.path.state === 'closed') throw sdkError('NOT_IN_ROOM');
    if (this.#parts.encryption.enabled) this.#parts.encryption.requireKey(device);
    if (track.readyState === 'ended') throw sdkError('TRACK_ENDED');
    const present = this.#tracks.get(source);
    if (present && present.track.kind === track.kind) return this.#takeOver(present, track, paused);
    await present?.close();
    const published = this.#add({ track, source, paused, encodings, codec });
    try {
      await this.#untilSent(published);
      return published;
    } catch (error) {
      await published.close();
      throw error;
    }
  }

  /** The caller is a new peer: mutes of the old one are forgotten by the server too, and locks it tells of anew. */
  startedAnew(): void {
    this.#mutes.clear();
    this.#forEach((track) => track.unmute());
    this.path.reset();
  }

  /** The session is at another node: makes all of it there, while what is sent by way of the old one still is. */
  move(): void {
    this.path.move();
    // Of a mute the other node knows nothing: nobody is heard again who did not ask for that.
    this.#forEach((track) => {
      if (track.muted) void track.pause();
    });
  }

  /** The caller's producers as the server has them, after a resume. */
  ownProducersAre(producers: readonly ProducerInfo[]): void {
    for (const info of producers) this.#remember(info);
    const known = new Set<string>();
    this.#forEach((track) => {
      if (track.producerId !== undefined) {
        known.add(track.producerId);
        const info = producers.find(({ producerId }) => producerId === track.producerId);
        track.serverSays(info);
        if (info) track.layerWanted(info.wantedLayer);
      }
      void track.sync();
    });
    for (const { producerId } of producers) {
      // Made or meant to be closed by a call whose answer was lost with its connection.
      if (!known.has(producerId)) void this.#parts.calls.call('media.closeProducer', { producerId }).catch(() => {});
    }
  }

  producerChanged(info: ProducerInfo): void {
    this.#remember(info);
    const track = this.#tracks.get(info.source);
    if (track?.producerId === info.producerId) track.serverSays(info);
  }

  layerWanted(producerId: string, layer: number): void {
    this.#forEach((track) => {
      if (track.producerId === producerId) track.layerWanted(layer);
    });
  }

  producerClosed(producerId: string): void {
    this.#forEach((track) => {
      if (track.producerId === producerId) track.serverSays(undefined);
    });
  }

  close(): void {
    this.#forEach((track) => track.abandon());
    this.path.close();
  }

  #add(options: PublishOptions & { track: MediaStreamTrack; paused: boolean }): SentTrack {
    const added = new SentTrack({
      ...this.#parts,
      ...options,
      encodings: options.encodings,
      codec: options.codec,
      audioCodec: () => this.#audioCodec,
      held: this.#held,
      mute: this.#mutes.get(options.source) ?? unmuted,
      path: this.path,
      onChanged: (track) => this.#parts.onTrackChanged(track),
      onClosed: (track, error) => this.#closed(track, error),
    });
    this.#tracks.set(options.source, added);
    this.#parts.onStateChanged();
    this.path.need();
    void added.sync();
    return added;
  }

  async #takeOver(present: SentTrack, track: MediaStreamTrack, paused: boolean): Promise<LocalTrack> {
    await present.replace(track);
    // What a moderator did to it stays: publishing again is not asking to be heard again.
    if (present.paused !== paused && !present.locked) await (paused ? present.pause() : present.resume());
    await this.#untilSent(present);
    return present;
  }

  #keep(track: SentTrack): void {
    const producer = track.dropped();
    // Whoever was told of that may have closed it at once.
    if (this.#tracks.get(track.source) === track) this.#kept.set(track, producer);
    else producer?.close();
  }

  #untilSent(track: SentTrack): Promise<void> {
    return withTimeout(track.firstSent, this.#parts.timing.mediaTimeoutMs, () => sdkError('MEDIA_TIMEOUT'));
  }

  #closed(track: SentTrack, error: ParleyError | undefined): void {
    if (this.#tracks.get(track.source) === track) this.#tracks.delete(track.source);
    this.#kept.get(track)?.close();
    this.#kept.delete(track);
    this.#parts.onStateChanged();
    // Whoever waits for its publishing hears of it there.
    if (error && track.wasSent) this.#parts.onTrackFailed(track, error);
  }

  #remember({ source, muted, locked }: ProducerInfo): void {
    this.#mutes.set(source, { muted, locked });
  }

  #forEach(visit: (track: SentTrack) => void): void {
    for (const track of [...this.#tracks.values()]) visit(track);
  }
}
