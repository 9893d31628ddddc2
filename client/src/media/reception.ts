import type { types } from 'mediasoup-client';
import type { ConsumerView, ProducerInfo } from '../../../proto/gen/types.ts';
import type { RemoteTrack } from '../api.ts';
import { fullJitterMs } from '../backoff.ts';
import type { Decryption, RoomEncryption } from '../e2ee/room-encryption.ts';
import { UnreadablePause } from '../e2ee/unreadable-pause.ts';
import { type ParleyError, sdkError, toParleyError } from '../errors.ts';
import type { RoomCalls } from '../room-calls.ts';
import type { ClientTiming } from '../timing.ts';
import { createDeferred, type Deferred, during } from '../waiting.ts';
import { classifyFailure, toMediaError } from './failures.ts';
import { Legacy, type Predecessor } from './legacy.ts';
import type { Limiter } from './limiter.ts';
import type { MediaPath, OpenPath } from './media-path.ts';
import { Predecessors, type Replaced } from './predecessors.ts';
import { ReceivedTrack } from './remote-track.ts';
import { toConsumerOptions, withoutStreamOfSound } from './rtp-shapes.ts';
import { StallWatch } from './stall-watch.ts';
import { framesDecodedOf } from './stats.ts';
import { SyncLoop } from './sync-loop.ts';
import { untilReceived } from './until-received.ts';
import { ViewWish } from './view-wish.ts';

export interface ReceptionParts {
  readonly peerId: string;
  readonly info: ProducerInfo;
  readonly path: MediaPath;
  readonly calls: RoomCalls;
  readonly timing: ClientTiming;
  readonly device: () => Promise<types.Device>;
  readonly encryption: RoomEncryption;
  /** Of all receptions together: so many consumers are made at once. */
  readonly limiter: Limiter;
  onAdded(track: ReceivedTrack): void;
  onRemoved(track: ReceivedTrack): void;
  onChanged(track: ReceivedTrack): void;
}

/** What somebody else sends, whether it is wanted here, and what there is of it: its consumer comes and goes with transports. */
export class Reception {
  readonly #parts: ReceptionParts;
  readonly #loop: SyncLoop;
  readonly #view = new ViewWish(() => this.sync());
  readonly #predecessors = new Predecessors<Reception>();
  #info: ProducerInfo;
  #wanted = false;
  #consumer: types.Consumer | undefined;
  #track: ReceivedTrack | undefined;
  #stalls: StallWatch | undefined;
  #decryption: Decryption | undefined;
  #unreadable: UnreadablePause | undefined;
  /** Why it cannot be received; it is not tried again by itself. */
  #refusal: ParleyError | undefined;
  /** Those who wait for the track. */
  #waiting: Deferred<RemoteTrack>[] = [];
  #gone = false;

  constructor(parts: ReceptionParts) {
    this.#parts = parts;
    this.#info = parts.info;
    this.#loop = new SyncLoop({
      step: () => this.#step(),
      retryInMs: (error, tries) => this.#stepFailed(error, tries),
    });
  }

  /** What is shown of it, or in its place. */
  get track(): ReceivedTrack | undefined {
    return this.#track ?? this.#predecessors.track;
  }

  get isWanted(): boolean {
    return this.#wanted;
  }

  /** It comes itself. */
  get isReceived(): boolean {
    return this.#track !== undefined;
  }

  get consumerId(): string | undefined {
    return this.#consumer?.id;
  }

  get refusalReason(): string | undefined {
    return this.#refusal?.reason;
  }

  /** Receives it from now on, also if that failed before. */
  want(): void {
    this.#refusal = undefined;
    this.#wanted = true;
    this.sync();
  }

  /** The track, once it is received. @throws {ParleyError} by rejection, when it will not be. */
  received(): Promise<RemoteTrack> {
    if (this.#track) return Promise.resolve(this.#track);
    const waiting = createDeferred<RemoteTrack>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  async unwant(): Promise<void> {
    this.#wanted = false;
    this.#predecessors.end();
    this.#fail(sdkError('TRACK_CLOSED'));
    const consumerId = this.#consumer?.id;
    this.dropped();
    if (consumerId !== undefined) await this.#tellClosed(consumerId);
  }

  /** There is another transport, or something else changed. */
  sync(): void {
    if (this.#wanted && !this.#refusal) void this.#loop.kick();
  }

  changed(info: ProducerInfo): void {
    this.#info = info;
    const { track } = this;
    if (!track || track.paused === info.paused) return;
    track.paused = info.paused;
    this.#parts.onChanged(track);
  }

  /** The consumer is gone, with its transport or by the server. */
  dropped(): void {
    this.#detach().end();
  }

  /** Its transport is about to go: what comes by it is shown until it comes by the next one. */
  kept(): void {
    const { track, end } = this.#detach();
    if (!track) {
      end();
      return;
    }
    // What was kept before is older than this.
    this.#predecessors.end();
    this.#predecessors.keep({ track, end });
  }

  /** Nothing comes by that transport any more. */
  keptEnded(): void {
    this.#predecessors.endKept();
  }

  /** Takes the place of another one when it is received, and is wanted as that one is. `end`: of the other one. */
  follow(reception: Reception, end: () => void): void {
    this.#predecessors.replace({ other: reception, end });
    this.#wish(reception.#wanted, reception.#view.wanted);
  }

  /** Is waited for, in the place of that one. */
  isHeirOf(other: Reception): boolean {
    return this.#wanted && !this.isReceived && !this.#refusal && this.#predecessors.replaces(other);
  }

  /** What is left of another one is shown until this is received, which is wanted as that one was. */
  inherit(legacy: Legacy): void {
    this.#predecessors.inherit(legacy);
    this.#wish(legacy.wanted, legacy.view);
  }

  /** The server ended its consumer, for another one to be made. */
  restarted(): void {
    this.dropped();
    this.sync();
  }

  /** Its sender stopped sending it, or left: the server closes the consumer by itself. */
  close(): void {
    const { legacy, replaced } = this.#leave();
    legacy.end();
    for (const { end } of replaced) end();
  }

  /** Closes it as well, and leaves what is shown of it to another one; those that go on by themselves to `heir`. */
  leave(heir?: Reception): Legacy {
    const { legacy, replaced } = this.#leave();
    if (heir !== undefined) heir.#predecessors.replace(...replaced);
    return legacy;
  }

  async #step(): Promise<'again' | 'done'> {
    const { path, calls, limiter } = this.#parts;
    // There will be a kick when the connection is back.
    if (!this.#wanted || !calls.isJoined) return 'done';
    if (this.#track) return this.#tellView();
    const open = path.current;
    if (!open) {
      path.need();
      return 'done';
    }
    if (!this.#consumer) {
      await limiter.run(() => this.#consume(open), open.life);
      return 'again';
    }
    await this.#start(this.#consumer, open);
    return 'again';
  }

  async #consume({ transport, life }: OpenPath): Promise<void> {
    // It may have stood in line for long.
    if (!this.#wanted) return;
    const { producerId } = this.#info;
    const { encryption, device } = this.#parts;
    if (encryption.enabled) encryption.requireSupport(await during(life, device()));
    const view = this.#view.wanted;
    const asked = this.#parts.calls.call('media.consume', {
      transportId: transport.id,
      producerId,
      ...(view && { view }),
    });
    const response = await during(life, asked);
    this.#view.told(view);
    const given = toConsumerOptions(response);
    const options = encryption.enabled ? withoutStreamOfSound(given) : given;
    const made = during(life, transport.consume({ ...options, ...this.#decrypting(options.kind) }));
    const consumer = await made.catch((thrown) => {
      this.#decryption?.release();
      this.#decryption = undefined;
      throw toMediaError(thrown);
    });
    if (this.#wanted) {
      this.#consumer = consumer;
      return;
    }
    consumer.close();
    this.#decryption?.release();
    this.#decryption = undefined;
    // Of one whose sender is gone, the server has nothing left to close.
    if (!this.#gone) await this.#tellClosed(consumer.id);
  }

  /** From its first frame on: a consumer starts paused. */
  #decrypting(kind: types.MediaKind | undefined): Pick<types.ConsumerOptions, 'onRtpReceiver'> {
    const { encryption, peerId } = this.#parts;
    if (!encryption.enabled || !kind) return {};
    const from = { peerId, source: this.#info.source, kind, onChanged: () => this.#unreadable?.changed() };
    return {
      onRtpReceiver: (receiver) => {
        this.#decryption?.release();
        this.#decryption = encryption.open(receiver, from);
      },
    };
  }

  /** Consumers start paused, so that nothing is lost (a key frame, above all) before both ends are ready. */
  async #start(consumer: types.Consumer, { transport, life }: OpenPath): Promise<void> {
    const { calls, peerId } = this.#parts;
    await during(life, calls.call('media.resumeConsumer', { consumerId: consumer.id }));
    if (this.#predecessors.any && !this.#info.paused) await during(life, untilReceived(consumer, transport));
    if (this.#consumer !== consumer) return;
    this.#predecessors.end();
    const track = new ReceivedTrack({ peerId, info: this.#info, consumer, transport, calls, view: this.#view });
    this.#track = track;
    // A screen that nothing happens on stands still, and is well.
    if (track.source === 'camera') this.#stalls = this.#watchStalls(track, consumer.id);
    if (this.#decryption && consumer.kind === 'video') this.#unreadable = this.#pauseUnreadable(consumer.id);
    for (const waiting of this.#waiting.splice(0)) waiting.resolve(track);
    this.#parts.onAdded(track);
  }

  /** What is received now, and what ends it. */
  #detach(): Predecessor {
    const [track, consumer, decryption] = [this.#track, this.#consumer, this.#decryption];
    this.#stalls?.close();
    this.#stalls = undefined;
    this.#unreadable?.close();
    this.#unreadable = undefined;
    this.#decryption = undefined;
    this.#consumer = undefined;
    this.#track = undefined;
    const end = () => {
      decryption?.release();
      consumer?.close();
      if (track) this.#parts.onRemoved(track);
    };
    return { track, end };
  }

  #leave(): { readonly legacy: Legacy; readonly replaced: readonly Replaced<Reception>[] } {
    const { peerId, info } = this.#parts;
    const [wanted, view] = [this.#wanted, this.#view.wanted];
    this.#wanted = false;
    this.#gone = true;
    this.#loop.close();
    this.#view.close();
    this.#fail(sdkError('PRODUCER_NOT_FOUND'));
    const { shown, replaced } = this.#predecessors.take();
    const all = [...shown, this.#detach()];
    return { legacy: new Legacy({ peerId, source: info.source, wanted, view, shown: all }), replaced };
  }

  #wish(wanted: boolean, view: ConsumerView | undefined): void {
    if (view) this.#view.set(view);
    if (wanted && !this.#wanted) this.want();
  }

  #pauseUnreadable(consumerId: string): UnreadablePause {
    return new UnreadablePause({
      isUnreadable: () => this.#decryption?.problem !== undefined,
      setPaused: (paused) => {
        const method = paused ? 'media.pauseConsumer' : 'media.resumeConsumer';
        this.#parts.calls.call(method, { consumerId }).catch(() => {});
      },
    });
  }

  #watchStalls(track: ReceivedTrack, consumerId: string): StallWatch {
    return new StallWatch({
      framesDecoded: async () => framesDecodedOf(await track.getStats()),
      // Without a word of how it is shown, nobody may be looking.
      // And what cannot be decrypted, or comes directly, is not mended by its server.
      isExpected: () =>
        this.#view.wanted?.hidden === false &&
        !track.paused &&
        track.direct === undefined &&
        this.#decryption?.problem === undefined,
      onStalled: () => {
        if (this.#track !== track) return;
        this.#parts.calls.call('media.reportStall', { consumerId }).catch(() => {});
      },
    });
  }

  async #tellView(): Promise<'again' | 'done'> {
    const open = this.#parts.path.current;
    const consumerId = this.#consumer?.id;
    const view = this.#view.due;
    if (!open || consumerId === undefined || !view) return 'done';
    try {
      await during(open.life, this.#parts.calls.call('media.setConsumerView', { consumerId, view }));
    } catch (error) {
      // A server that will not hear of it sends all there is, and the track is received all the same.
      if (
        classifyFailure(error, 0) !== 'final' ||
        toParleyError(error, 'CONNECTION_LOST').reason === 'CONSUMER_NOT_FOUND'
      )
        throw error;
    }
    this.#view.told(view);
    return 'again';
  }

  #stepFailed(error: unknown, tries: number): number | undefined {
    const { path, timing } = this.#parts;
    const failure = toParleyError(error, 'MEDIA_UNSUPPORTED');
    const kind = classifyFailure(error, tries);
    if (kind === 'past') return undefined;
    if (failure.reason === 'CONSUMER_NOT_FOUND') {
      // Its end was told while nobody was listening.
      this.dropped();
      return fullJitterMs(tries, timing.retryBaseMs, timing.retryCapMs);
    }
    if (failure.reason === 'NODE_OVERLOADED') {
      // Passes when others leave: who waits is told, and the server is asked at the pace that it names.
      this.#fail(failure);
      return (failure.retryAfterMs ?? 0) + fullJitterMs(tries, timing.retryBaseMs, timing.retryCapMs);
    }
    if (kind === 'final') {
      this.#refusal = failure;
      this.#fail(failure);
      this.#predecessors.endLegacies();
      return undefined;
    }
    if (failure.reason === 'TRANSPORT_NOT_FOUND' && path.current) path.ended(path.current.transport.id);
    return fullJitterMs(tries, timing.retryBaseMs, timing.retryCapMs);
  }

  #fail(error: ParleyError): void {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }

  async #tellClosed(consumerId: string): Promise<void> {
    await this.#parts.calls.call('media.closeConsumer', { consumerId }).catch(() => {});
  }
}
