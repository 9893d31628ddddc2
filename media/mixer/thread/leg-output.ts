import type { LegMedia } from '../../phones/sdp/leg-media.ts';
import { createEncoder } from '../codecs/create-codec.ts';
import type { PhoneCodec, VoiceEncoder, VoiceRate } from '../codecs/voice-codec.ts';
import { DtmfSender, type DtmfSenderState } from '../rtp/dtmf-sender.ts';
import { ticksOfG711, ticksOfOpus } from '../rtp/packet-ticks.ts';
import { PcmQueue } from '../rtp/pcm-queue.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { clockRateOf } from './leg-input.ts';
import type { LegPath } from './leg-path.ts';
import type { SendBuffers } from './send-buffers.ts';
import { tickMs } from './ticker.ts';

interface LegOutputParts {
  readonly path: LegPath;
  readonly buffers: SendBuffers;
  readonly rate: VoiceRate;
  readonly dtmf: DtmfSenderState | undefined;
}

/** What a leg hears: from frames of 20 ms to packets. */
export class LegOutput {
  readonly #parts: LegOutputParts;
  #rate: VoiceRate;
  #media: LegMedia | undefined;
  #encoder: VoiceEncoder | undefined;
  /** Gathers frames where packets are not of 20 ms; undefined where they are. */
  #gathered: PcmQueue | undefined;
  #packet = new Int16Array(0);
  #dtmf: DtmfSender | undefined;

  constructor(parts: LegOutputParts) {
    this.#parts = parts;
    this.#rate = parts.rate;
    if (parts.dtmf) this.#dtmf = new DtmfSender({ state: parts.dtmf });
  }

  get codec(): PhoneCodec | undefined {
    return this.#media?.codec;
  }

  /** Whether frames that were encoded for others in the same codec can be sent. */
  get takesShared(): boolean {
    return this.#media?.ptimeMs === tickMs;
  }

  setRate(rate: VoiceRate): void {
    if (rate === this.#rate) return;
    this.#dropEncoder();
    this.#rate = rate;
  }

  setMedia(media: LegMedia): void {
    const before = this.#media;
    const isSame =
      before?.codec === media.codec &&
      before.ptimeMs === media.ptimeMs &&
      before.opus?.maxAverageBitrate === media.opus?.maxAverageBitrate &&
      before.opus?.inBandFec === media.opus?.inBandFec;
    if (!isSame) this.#dropEncoder();
    this.#media = media;
    const { dtmf } = media;
    if (!dtmf) this.#dtmf = undefined;
    else if (this.#dtmf) this.#dtmf.setFormat(dtmf);
    else this.#dtmf = new DtmfSender(dtmf);
  }

  /** The other side takes digits as events (RFC 4733). */
  get takesEvents(): boolean {
    return this.#dtmf !== undefined;
  }

  get isSendingDigits(): boolean {
    return this.#dtmf?.isSending === true;
  }

  /** @throws {AppError} BAD_REQUEST for what is no digit. */
  sendDigits(digits: string, options: { readonly durationMs?: number; readonly gapMs?: number }): void {
    this.#dtmf?.send(digits, options);
  }

  clearDigits(): void {
    this.#dtmf?.clear();
  }

  /** A tick of digits instead of a voice. */
  sendEvent(atMs: number): void {
    this.#passGathered();
    const buffer = this.#parts.buffers.take();
    const length = this.#dtmf?.write(buffer, this.#parts.path.sender, atMs) ?? 0;
    if (length > 0) this.#parts.path.send(buffer, length);
  }

  /** 20 ms that were encoded already, in the codec and length that this leg takes. */
  sendEncoded(payload: Uint8Array, atMs: number): void {
    if (payload.length === 0) this.skip();
    else this.#send(payload, tickMs, atMs);
  }

  sendPcm(pcm: Int16Array, atMs: number): void {
    const media = this.#media;
    if (!media) return;
    this.#encoder ??= createEncoderOf(media, this.#rate);
    if (media.ptimeMs === tickMs) {
      this.sendEncoded(this.#encoder.encode(pcm), atMs);
      return;
    }
    const samples = (media.ptimeMs * this.#rate) / 1000;
    if (this.#packet.length !== samples) {
      this.#packet = new Int16Array(samples);
      this.#gathered = new PcmQueue(samples);
    }
    this.#gathered?.push(pcm);
    while (this.#gathered?.take(this.#packet)) {
      const payload = this.#encoder.encode(this.#packet);
      if (payload.length > 0) this.#send(payload, media.ptimeMs, atMs);
      else this.#skipMs(media.ptimeMs);
    }
  }

  /** Comfort noise in place of a voice, for as long as nothing else is sent (RFC 3389). */
  sendNoise(payload: Uint8Array, atMs: number): void {
    const media = this.#media;
    if (!media?.cn) return;
    this.#passGathered();
    const buffer = this.#parts.buffers.take();
    const clockRate = clockRateOf(media.codec);
    const ticks = (clockRate * tickMs) / 1000;
    const frame = { payloadType: media.cn.payloadType, clockRate, ticks, payload };
    this.#parts.path.send(buffer, this.#parts.path.sender.write(buffer, frame, atMs));
  }

  /** A packet of another voice, as it came. */
  forward(packet: RtpPacket, atMs: number): void {
    const media = this.#media;
    if (!media) return;
    const ticks = media.codec === 'opus' ? ticksOfOpus(packet.payload) : ticksOfG711(packet.payload);
    if (ticks === 0) return;
    this.#passGathered();
    const buffer = this.#parts.buffers.take();
    const format = { payloadType: media.payloadType, clockRate: clockRateOf(media.codec), ticks };
    const length = this.#parts.path.sender.forward(buffer, packet, format, atMs);
    if (length > 0) this.#parts.path.send(buffer, length);
  }

  /** A tick in which nothing is sent. */
  skip(): void {
    this.#passGathered();
    this.#skipMs(tickMs);
  }

  state(): DtmfSenderState | undefined {
    return this.#dtmf?.state();
  }

  close(): void {
    this.#dropEncoder();
  }

  #skipMs(ms: number): void {
    if (this.#media) this.#parts.path.sender.skip((clockRateOf(this.#media.codec) * ms) / 1000);
  }

  #send(payload: Uint8Array, ms: number, atMs: number): void {
    const media = this.#media;
    if (!media) return;
    const { path, buffers } = this.#parts;
    const buffer = buffers.take();
    const clockRate = clockRateOf(media.codec);
    const frame = { payloadType: media.payloadType, clockRate, ticks: (clockRate * ms) / 1000, payload };
    path.send(buffer, path.sender.write(buffer, frame, atMs));
  }

  /** A packet that is not full when something else takes its place would be heard before what is said next: its time passes. */
  #passGathered(): void {
    const gathered = this.#gathered;
    if (!gathered || gathered.samples === 0) return;
    this.#skipMs((gathered.samples * 1000) / this.#rate);
    gathered.clear();
  }

  #dropEncoder(): void {
    this.#passGathered();
    this.#encoder?.close();
    this.#encoder = undefined;
    this.#gathered = undefined;
    this.#packet = new Int16Array(0);
  }
}

function createEncoderOf({ codec, opus }: LegMedia, sampleRate: VoiceRate): VoiceEncoder {
  return createEncoder(codec, {
    sampleRate,
    // Costs half of `voip`, and leaves less behind where two encoders take turns, as when somebody begins to speak.
    application: 'audio',
    ...(opus?.maxAverageBitrate !== undefined && {
      bitrate: Math.min(64_000, Math.max(6_000, opus.maxAverageBitrate)),
    }),
    ...(opus?.inBandFec && { forwardErrorCorrection: true }),
  });
}
