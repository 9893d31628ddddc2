import { randomInt } from 'node:crypto';
import type { Clock, Timer } from '../../core/clock.ts';
import type { PeerId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import type { ProducerInfo, RtpParameters } from '../../proto/gen/types.ts';
import type { RoomMedia, RoomSource } from '../media.ts';
import type { PhoneCodec } from '../mixer/codecs/voice-codec.ts';
import type { MixerThread } from '../mixer/pool/mixer-thread.ts';
import { audioLevelUri } from '../mixer/rtp/header-extensions.ts';

const host = '127.0.0.1';
const retryMs = 500;
/** Numbers that mean something between a thread and a worker alone. */
const levelId = 10;
const payloadTypes: Readonly<Record<PhoneCodec, number>> = { opus: 107, G722: 9, PCMU: 0, PCMA: 8 };

interface PhoneVoiceParts {
  readonly leg: number;
  readonly peerId: PeerId;
  readonly owner: string;
  readonly room: RoomMedia;
  readonly roomId: number;
  readonly thread: MixerThread;
  readonly clock: Clock;
  readonly log: Logger;
  readonly codec: PhoneCodec | undefined;
  readonly isMuted: boolean;
}

/** The voice of a phone in a room: a track of its peer, brought back when its worker dies or its codec becomes another. */
export class PhoneVoice {
  readonly #parts: PhoneVoiceParts;
  #codec: PhoneCodec | undefined;
  #source: RoomSource | undefined;
  #producer: ProducerInfo | undefined;
  /** By the phone itself. */
  #isMuted: boolean;
  #retry: Timer | undefined;
  /** Calls to the room, one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: PhoneVoiceParts) {
    this.#parts = parts;
    this.#codec = parts.codec;
    this.#isMuted = parts.isMuted;
  }

  /** @throws {AppError} as RoomMedia.openSource and RoomSource.produce */
  open(): Promise<void> {
    return this.#next(() => this.#produce());
  }

  /** It speaks this from now on. */
  setCodec(codec: PhoneCodec): void {
    if (codec === this.#codec) return;
    this.#codec = codec;
    this.#again();
  }

  setMuted(muted: boolean): void {
    this.#isMuted = muted;
    this.#tellMuted();
    this.#pause();
  }

  /** A moderator muted it, or lets it speak again. */
  changed(producer: ProducerInfo): void {
    if (producer.producerId !== this.#producer?.producerId) return;
    this.#producer = producer;
    this.#tellMuted();
    // It wanted to speak while it was locked.
    if (producer.paused && !producer.muted && !this.#isMuted) this.#pause();
  }

  /** Its worker died, and there is another one. */
  lost(): void {
    this.#source = undefined;
    this.#producer = undefined;
    this.#again();
  }

  /** Others are told that its track ended. */
  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
    this.#parts.thread.tell('leaveRoom', this.#parts.leg);
    this.#source?.close();
  }

  /** Brings the room in line with what the phone wants. */
  #pause(): void {
    const { log, peerId, room } = this.#parts;
    this.#next(async () => {
      const { producerId } = this.#producer ?? {};
      if (producerId === undefined) return;
      if (this.#isMuted) await room.pauseProducer(peerId, producerId);
      else await room.resumeProducer(peerId, producerId);
      // A moderator's lock holds.
    }).catch((error: unknown) => log.debug({ err: error, peerId }, 'a phone was not muted or unmuted'));
  }

  #next(act: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(() => (this.#closed ? undefined : act()));
    this.#turn = done.catch(() => {});
    return done;
  }

  #again(): void {
    const { clock, log, peerId } = this.#parts;
    this.#next(() => this.#produce()).catch((error: unknown) => {
      if (this.#closed) return;
      log.debug({ err: error, peerId }, 'a phone is not heard in its room yet');
      this.#retry?.cancel();
      this.#retry = clock.after(retryMs, () => this.#again());
    });
  }

  async #produce(): Promise<void> {
    const { leg, owner, peerId, room, roomId, thread } = this.#parts;
    const codec = this.#codec;
    if (codec === undefined) {
      thread.tell('enterRoom', leg, roomId, undefined);
      return;
    }
    this.#source ??= await room.openSource(peerId, { ip: host, port: thread.originPort });
    const source = this.#source;
    if (this.#closed) {
      source.close();
      return;
    }
    const ssrc = randomInt(1, 2 ** 32);
    const rtpParameters = parametersOf(codec, ssrc, `phone-${leg}`);
    const track = { owner, kind: 'audio', source: 'microphone', paused: this.#isMuted, rtpParameters } as const;
    const producer = await source.produce(track);
    if (this.#closed) {
      source.close();
      return;
    }
    this.#producer = producer;
    const entry = { ...source.target, ssrc, codec, payloadType: payloadTypes[codec], levelId };
    thread.tell('enterRoom', leg, roomId, entry);
    this.#tellMuted();
  }

  #tellMuted(): void {
    this.#parts.thread.tell('setMuted', this.#parts.leg, this.#isMuted || this.#producer?.paused === true);
  }
}

function parametersOf(codec: PhoneCodec, ssrc: number, cname: string): RtpParameters {
  return {
    mid: undefined,
    codecs: [
      {
        mimeType: `audio/${codec}`,
        payloadType: payloadTypes[codec],
        clockRate: codec === 'opus' ? 48_000 : 8000,
        channels: codec === 'opus' ? 2 : undefined,
        parameters: {},
        rtcpFeedback: [],
      },
    ],
    headerExtensions: [{ uri: audioLevelUri, id: levelId, encrypt: false, parameters: {} }],
    encodings: [
      {
        ssrc,
        rid: undefined,
        codecPayloadType: undefined,
        rtx: undefined,
        dtx: undefined,
        scalabilityMode: undefined,
        maxBitrate: undefined,
      },
    ],
    rtcp: { cname, reducedSize: false },
  };
}
