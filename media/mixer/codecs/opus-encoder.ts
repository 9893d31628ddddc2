import { opusLibrary } from './opus-library.ts';
import { ReusedArray } from './reused-array.ts';
import type { EncoderOptions, VoiceEncoder, VoiceRate } from './voice-codec.ts';

// opus_defines.h.
const applications = { voip: 2048, audio: 2049 };
const setBitrate = 4002;
const setComplexity = 4010;
const setInbandFec = 4012;
const setPacketLoss = 4014;
const setDtx = 4016;
const badArgument = -1;

/** Above it costs more than it is heard. */
const complexity = 5;
/** RFC 6716 section 3.2.1: of one frame of 20 ms; the longest packet has six. */
const maxBytes = 6 * 1275;
/** What encodes nothing but that there is nothing (RFC 6716 section 2.1.9). */
const silentBytes = 2;

/** One channel. */
export class OpusEncoder implements VoiceEncoder {
  readonly sampleRate: VoiceRate;
  readonly #library = opusLibrary();
  readonly #state: number;
  readonly #payload = new ReusedArray(new Uint8Array(maxBytes));
  #isClosed = false;

  constructor({
    sampleRate = 16_000,
    application = 'voip',
    bitrate = 24_000,
    forwardErrorCorrection = false,
    expectedLossPercent = forwardErrorCorrection ? 10 : 0,
    discontinuous = false,
  }: EncoderOptions = {}) {
    this.sampleRate = sampleRate;
    const { functions } = this.#library;
    this.#state = this.#library.allocate(functions.opus_encoder_get_size(1));
    functions.opus_encoder_init(this.#state, sampleRate, 1, applications[application]);
    this.#set(setComplexity, complexity);
    this.#set(setBitrate, bitrate);
    this.#set(setInbandFec, forwardErrorCorrection ? 1 : 0);
    this.#set(setPacketLoss, expectedLossPercent);
    this.#set(setDtx, discontinuous ? 1 : 0);
  }

  encode(pcm: Int16Array): Uint8Array {
    const { functions, packetPointer, pcmPointer } = this.#library;
    const isLong = pcm.length > this.#library.pcm.length;
    if (!isLong) this.#library.pcm.set(pcm);
    const length = isLong
      ? badArgument
      : functions.opus_encode(this.#state, pcmPointer, pcm.length, packetPointer, maxBytes);
    if (length < 0) throw new RangeError(`Opus has no packet of ${pcm.length} samples at ${this.sampleRate} Hz`);
    if (length <= silentBytes) return this.#payload.ofLength(0);
    const payload = this.#payload.ofLength(length);
    const { packet } = this.#library;
    for (let i = 0; i < length; i += 1) payload[i] = packet[i] ?? 0;
    return payload;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#library.functions.free(this.#state);
  }

  /** @throws {RangeError} of a value out of bounds. */
  #set(request: number, value: number): void {
    if (this.#library.functions.opus_encoder_ctl_set(this.#state, request, value) >= 0) return;
    this.close();
    throw new RangeError(`Opus cannot be set to ${value} (${request})`);
  }
}
