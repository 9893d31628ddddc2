import type { types } from 'mediasoup-client';
import type { ProducerInfo } from '../../../proto/gen/types.ts';
import type { LocalTrack, TrackSource } from '../api.ts';
import { fullJitterMs } from '../backoff.ts';
import { type ParleyError, sdkError, toParleyError } from '../errors.ts';
import type { Lifetime } from '../lifetime.ts';
import { createDeferred, during } from '../waiting.ts';
import { hintContent, toSendOptions } from './encodings.ts';
import { classifyFailure, toMediaError } from './failures.ts';
import { holdBack, letGo, needsInactiveSection, setSentTrack } from './idle-sender.ts';
import type { DirectSending, LocalTrackParts, Mute } from './local-track-parts.ts';
import type { OpenPath, ProduceNotes } from './media-path.ts';
import { ReplacedProducer } from './replaced-producer.ts';
import { chooseCodec } from './sent-codec.ts';
import { Silencer } from './silencer.ts';
import { statsOf } from './stats.ts';
import { SyncLoop } from './sync-loop.ts';
import { tellClosed, tellSize } from './tell-producer.ts';
import { isSameSize, sizeOf, type TrackSize } from './track-size.ts';
import { applyWantedLayer } from './wanted-layer.ts';

/** A track that is wanted to be sent, and what there is of it: its producer comes and goes with transports. */
export class SentTrack implements LocalTrack {
  readonly source: TrackSource;
  /** Resolves when it is sent for the first time; rejects when it will not be. */
  readonly firstSent: Promise<void>;
  readonly #parts: LocalTrackParts;
  readonly #loop: SyncLoop;
  readonly #firstSent = createDeferred<void>();
  readonly #silencer: Silencer;
  #track: MediaStreamTrack;
  #paused: boolean;
  #mute: Mute;
  #producer: types.Producer | undefined;
  /** What was asked for when it was made. */
  #producedWith = '';
  /** Sent with another codec. */
  readonly #replaced = new ReplacedProducer((producerId) => void tellClosed(this.#parts.calls, producerId));
  /** Whether the server was told that the owner paused; undefined when it must be told in any case. */
  #toldPaused: boolean | undefined;
  /** The highest layer that anybody shows, as the server says of this producer, and as it is sent; undefined: all. */
  #wantedLayer: number | undefined;
  #sentLayer: number | undefined;
  #toldSize: TrackSize | undefined;
  #resumeRefusal: ParleyError | undefined;
  #direct: DirectSending | undefined;
  #wasSent = false;
  #held: boolean;
  #closed = false;
  readonly #onEnded = () => this.#giveUp(sdkError('TRACK_ENDED'));

  constructor(parts: LocalTrackParts) {
    this.source = parts.source;
    this.firstSent = this.#firstSent.promise;
    this.#parts = parts;
    this.#track = parts.track;
    this.#paused = parts.paused;
    this.#mute = parts.mute;
    this.#held = parts.held;
    this.#loop = new SyncLoop({
      step: () => this.#step(),
      retryInMs: (error, tries) => this.#stepFailed(error, tries),
    });
    this.#silencer = new Silencer(parts.track, parts.paused || parts.mute.muted || parts.held);
    parts.track.addEventListener('ended', this.#onEnded);
  }

  get wasSent(): boolean {
    return this.#wasSent;
  }

  get producerId(): string | undefined {
    return this.#producer?.id;
  }

  get track(): MediaStreamTrack {
    return this.#track;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get muted(): boolean {
    return this.#mute.muted;
  }

  get locked(): boolean {
    return this.#mute.locked;
  }

  async pause(): Promise<void> {
    this.#requireOpen();
    if (this.#paused) return;
    this.#paused = true;
    this.#silence();
    this.#parts.onChanged(this);
    await this.#loop.kick();
  }

  async resume(): Promise<void> {
    this.#requireOpen();
    if (this.#mute.locked) throw sdkError('PRODUCER_LOCKED');
    if (!this.#paused && !this.#mute.muted) return;
    // The server takes an unlocked mute back with the owner's resuming, and only then.
    if (this.#mute.muted) this.#toldPaused = undefined;
    this.#paused = false;
    this.#mute = { muted: false, locked: false };
    this.#resumeRefusal = undefined;
    this.#silence();
    this.#parts.onChanged(this);
    await this.#loop.kick();
    if (this.#resumeRefusal) throw this.#resumeRefusal;
  }

  async replace(track: MediaStreamTrack): Promise<void> {
    this.#requireOpen();
    if (track.kind !== this.#track.kind) throw sdkError('MEDIA_UNSUPPORTED');
    if (track.readyState === 'ended') throw sdkError('TRACK_ENDED');
    if (track === this.#track) return;
    this.#track.removeEventListener('ended', this.#onEnded);
    this.#track = track;
    track.addEventListener('ended', this.#onEnded);
    this.#silencer.track = track;
    this.#parts.onChanged(this);
    await this.#loop.kick();
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#end(undefined);
    if (producer) await tellClosed(this.#parts.calls, producer.id);
  }

  async getStats(): Promise<RTCStatsReport> {
    this.#requireOpen();
    if (this.#direct) return this.#direct.getStats();
    const open = this.#parts.path.current;
    return this.#producer && open ? statsOf(this.#producer, open.transport) : new Map();
  }

  /**
   * It reaches everybody without the server: nothing is sent there, while its producer stays as it is. Nobody sees that as a
   * pause.
   */
  set direct(direct: DirectSending | undefined) {
    const isNews = (direct === undefined) !== (this.#direct === undefined);
    this.#direct = direct;
    if (isNews) void this.sync();
  }

  /** On hold it stays as it is for everybody, and nothing that could be heard or seen is in it. */
  set held(held: boolean) {
    this.#held = held;
    this.#silence();
  }

  /** There is another transport, or something else changed: sees to it that what is wanted is so. */
  sync(): Promise<void> {
    return this.#loop.kick();
  }

  /** The transport is gone, or about to go, and the producer with it: answers which. */
  dropped(): types.Producer | undefined {
    const dropped = this.#producer;
    this.#producer = undefined;
    this.#replaced.end();
    if (dropped) this.#parts.onChanged(this);
    return dropped;
  }

  /** Nobody muted it any more. */
  unmute(): void {
    this.#muteIs({ muted: false, locked: false });
  }

  /** The server says how the producer stands; undefined: it does not have it. */
  serverSays(info: ProducerInfo | undefined): void {
    if (!info) {
      this.#producer?.close();
      this.dropped();
      void this.sync();
      return;
    }
    const { muted, locked } = info;
    // While muted, `paused` says nothing of the owner's own pausing.
    if (!muted) this.#toldPaused = info.paused;
    void this.sync();
    this.#muteIs({ muted, locked });
  }

  /** The server says which layers are shown; undefined: it wants all. */
  layerWanted(layer: number | undefined): void {
    this.#wantedLayer = layer;
    void this.sync();
  }

  /** Stops without a word to anybody: the room is over. */
  abandon(): void {
    this.#producer?.close();
    this.#end(undefined);
  }

  /** One thing that is missing, done. Every wait ends when the transport is given up. */
  async #step(): Promise<'again' | 'done'> {
    const { path, calls } = this.#parts;
    const open = path.current;
    // There will be a kick when the transport or the connection is back.
    if (!open || !calls.isJoined || this.#closed) return 'done';
    const producer = this.#producer;
    if (!producer) {
      await this.#produce(open);
      return 'again';
    }
    if (this.#producedWith !== this.#wantedCodec) {
      await this.#produceAnew(open);
      return 'again';
    }
    const track = this.#direct ? null : this.#track;
    if (producer.track !== track) {
      await during(open.life, setSentTrack(producer, track)).catch(rethrowAsMediaError);
      return 'again';
    }
    if (this.#toldPaused !== this.#paused) {
      await this.#tellPaused(producer.id, open.life);
      return 'again';
    }
    if (this.#sentLayer !== this.#wantedLayer) {
      const layer = this.#wantedLayer;
      await during(open.life, applyWantedLayer(producer, layer ?? Number.MAX_SAFE_INTEGER));
      this.#sentLayer = layer;
      return 'again';
    }
    const size = sizeOf(this.#track);
    if (size && !isSameSize(size, this.#toldSize)) {
      await tellSize(this.#parts.calls, producer.id, { size, life: open.life });
      this.#toldSize = size;
      return 'again';
    }
    return 'done';
  }

  /** With another codec. It is better heard with the one before than not at all. */
  async #produceAnew(open: OpenPath): Promise<void> {
    const asked = this.#wantedCodec;
    await this.#produce(open).catch((error: unknown) => {
      if (classifyFailure(error, 0) !== 'final' || !this.#producer) throw error;
      this.#producedWith = asked;
    });
  }

  async #produce({ transport, life }: OpenPath): Promise<void> {
    const { source, encodings, encryption } = this.#parts;
    const device = await during(life, this.#parts.device());
    const encrypted = encryption.enabled;
    if (encrypted) encryption.requireKey(device);
    const kind = this.#track.kind === 'audio' ? 'audio' : 'video';
    const asked = this.#wantedCodec;
    const before = this.#producer;
    const codec = chooseCodec(device, { kind, asked, encrypted });
    const { width = 0, height = 0 } = sizeOf(this.#track) ?? {};
    const longSide = Math.max(width, height) || undefined;
    const notes: ProduceNotes = {
      source,
      paused: this.#paused,
      encrypted,
      replaces: before?.id ?? '',
      onAnswered: (mute) => this.#muteIs(mute),
    };
    hintContent(this.#track, source);
    const zeroRtpOnPause = needsInactiveSection(device);
    const track = this.#track;
    let held: RTCRtpSender | undefined;
    const produced = transport.produce({
      track,
      ...toSendOptions({
        source,
        encodings,
        codec: encrypted || kind === 'audio' ? undefined : codec && this.#parts.codec,
        longSide,
      }),
      ...(codec && { codec }),
      // Before it is negotiated: nothing was sent yet.
      onRtpSender: (sender) => {
        if (encrypted) encryption.seal(sender, { source, kind });
        if (kind === 'audio') return;
        held = sender;
        holdBack(sender);
      },
      // The application opened the device, and closes it.
      stopTracks: false,
      disableTrackOnPause: false,
      zeroRtpOnPause,
      appData: notes,
    });
    const sent = produced.then(async (producer) => {
      if (held) await letGo(held, track);
      return producer;
    });
    const producer = await during(life, sent).catch(rethrowAsMediaError);
    if (this.#closed) {
      producer.close();
      await tellClosed(this.#parts.calls, producer.id);
      return;
    }
    // Dropped meanwhile, and closed with its transport.
    if (before && this.#producer === before) this.#replaced.keep(before);
    this.#producer = producer;
    this.#producedWith = asked;
    this.#toldPaused = notes.paused;
    this.#wantedLayer = undefined;
    this.#sentLayer = undefined;
    this.#toldSize = undefined;
    this.#wasSent = true;
    this.#firstSent.resolve();
    this.#parts.onChanged(this);
  }

  async #tellPaused(producerId: string, life: Lifetime): Promise<void> {
    const paused = this.#paused;
    const method = paused ? 'media.pauseProducer' : 'media.resumeProducer';
    try {
      await during(life, this.#parts.calls.call(method, { producerId }));
      this.#toldPaused = paused;
    } catch (error) {
      const refusal = toParleyError(error, 'CONNECTION_LOST');
      if (refusal.reason !== 'PRODUCER_LOCKED') throw error;
      // The moderator was faster: it stays silent, and the owner has to ask again later.
      this.#resumeRefusal = refusal;
      this.#paused = true;
      this.#toldPaused = true;
      this.#mute = { muted: true, locked: true };
      this.#silence();
      this.#parts.onChanged(this);
    }
  }

  #stepFailed(error: unknown, tries: number): number | undefined {
    const kind = classifyFailure(error, tries);
    if (kind === 'final') this.#giveUp(toParleyError(error, 'MEDIA_UNSUPPORTED'));
    if (kind !== 'passing') return undefined;
    const { path, timing } = this.#parts;
    const open = path.current;
    if (open && toParleyError(error, 'CONNECTION_LOST').reason === 'TRANSPORT_NOT_FOUND') path.ended(open.transport.id);
    return fullJitterMs(tries, timing.retryBaseMs, timing.retryCapMs);
  }

  #giveUp(error: ParleyError): void {
    const producer = this.#producer;
    this.#end(error);
    if (producer) void tellClosed(this.#parts.calls, producer.id);
  }

  #end(error: ParleyError | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#track.removeEventListener('ended', this.#onEnded);
    this.#silencer.release();
    this.#replaced.end();
    this.#producer?.close();
    this.#producer = undefined;
    this.#loop.close();
    this.#firstSent.reject(error ?? sdkError('TRACK_CLOSED'));
    this.#parts.onClosed(this, error);
  }

  #muteIs({ muted, locked }: Mute): void {
    if (this.#closed || (muted === this.#mute.muted && locked === this.#mute.locked)) return;
    this.#mute = { muted, locked };
    this.#silence();
    this.#parts.onChanged(this);
  }

  /** Muted or paused, the microphone is off at once, whether the server was told already or not. */
  #silence(): void {
    this.#silencer.silent = this.#paused || this.#mute.muted || this.#held;
  }

  get #wantedCodec(): string {
    const { source, codec = '', audioCodec } = this.#parts;
    // Nobody likes anything better than Opus for a voice, and the library takes it first.
    return source === 'microphone' ? audioCodec().toLowerCase() || 'opus' : codec;
  }

  #requireOpen(): void {
    if (this.#closed) throw sdkError('TRACK_CLOSED');
  }
}

function rethrowAsMediaError(thrown: unknown): never {
  throw toMediaError(thrown);
}
