import type { ReceivedFormat } from '../../phones/sdp/leg-media.ts';
import { ComfortNoise } from '../codecs/comfort-noise.ts';
import { createDecoder } from '../codecs/create-codec.ts';
import { LevelControl } from '../codecs/level-control.ts';
import { levelDbov } from '../codecs/levels.ts';
import { NoiseGate } from '../codecs/noise-gate.ts';
import type { PhoneCodec, VoiceDecoder, VoiceRate } from '../codecs/voice-codec.ts';
import { type Digit, noDigits } from '../rtp/digit.ts';
import { JitterBuffer, type JitterBufferStats } from '../rtp/jitter-buffer.ts';
import { ticksOfG711, ticksOfOpus } from '../rtp/packet-ticks.ts';
import { PcmQueue } from '../rtp/pcm-queue.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { ToneDetector } from '../rtp/tone-detector.ts';
import { Reading } from './reading.ts';

export const silenceDbov = -127;
/** What packets wait before anything is known of their path: with it, mouth to ear takes less than 60 ms here. Late packets make it longer at once. */
export const firstDelayMs = 30;
/** A packet may be left out unnoticed while it is quieter than that. */
const quietDbov = -50;
/** Packets of 2.5 ms, eight a frame, and some of which nothing can be decoded. */
const maxPulls = 16;
/** So many packets in a row of another codec are its voice from now on: what is between is a stray, or somebody's trick to have decoders made. */
const packetsToSwitch = 3;
/** Each change of codec makes another track in the room. */
const switchEveryMs = 1_000;
/** Of packets that pass, one in so many is looked at for how loud it is. */
const looksAtOneOf = 5;

export interface LegInputSettings {
  readonly inBandDtmf: boolean;
  readonly levelControl: boolean;
  readonly noiseGate: boolean;
}

/** One packet of a voice at its turn; without a payload, one that did not come. */
export type OnVoice = (packet: { readonly payload: Uint8Array; readonly ticks: number }, levelDbov: number) => void;

interface VoiceIn {
  readonly codec: PhoneCodec;
  readonly clockRate: number;
  readonly jitter: JitterBuffer;
  decoder: VoiceDecoder;
}

export const clockRateOf = (codec: PhoneCodec): 8000 | 48_000 => (codec === 'opus' ? 48_000 : 8000);

/** What a leg says: from packets to frames of 20 ms. */
export class LegInput {
  /** Of the last tick: what it says, as others are to hear it. */
  frame: Int16Array;
  level = silenceDbov;
  readonly #settings: LegInputSettings;
  #rate: VoiceRate;
  #queue: PcmQueue;
  #voice: VoiceIn | undefined;
  #noise: ComfortNoise;
  #noiseBuffer = new Int16Array(0);
  #levelControl: LevelControl;
  #gate: NoiseGate;
  #tones: ToneDetector;
  readonly #reading = new Reading();
  #passed = 0;
  /** Packets in a row of another codec than the one that is spoken. */
  #strays = 0;
  #switchedAtMs = Number.NEGATIVE_INFINITY;
  /** Of codecs that were spoken before. */
  #countsBefore = { late: 0, concealedMs: 0 };

  constructor(settings: LegInputSettings, rate: VoiceRate) {
    this.#settings = settings;
    this.#rate = rate;
    const frameSamples = rate / 50;
    this.frame = new Int16Array(frameSamples);
    this.#queue = new PcmQueue(frameSamples);
    this.#noise = new ComfortNoise(rate);
    this.#levelControl = new LevelControl(rate);
    this.#gate = new NoiseGate(rate);
    this.#tones = new ToneDetector({ sampleRate: rate });
  }

  /** What is spoken now; undefined before the first packet. */
  get codec(): PhoneCodec | undefined {
    return this.#voice?.codec;
  }

  /** Others do not hear it as it came. */
  get isProcessed(): boolean {
    return this.#settings.levelControl || this.#settings.noiseGate;
  }

  /** Its sound is looked at, so packets cannot pass as they are. */
  get isExamined(): boolean {
    return this.isProcessed || this.#settings.inBandDtmf;
  }

  get counts(): Pick<JitterBufferStats, 'late' | 'concealedMs' | 'delayMs'> {
    const now = this.#voice?.jitter.stats;
    return {
      late: this.#countsBefore.late + (now?.late ?? 0),
      concealedMs: this.#countsBefore.concealedMs + (now?.concealedMs ?? 0),
      delayMs: now?.delayMs ?? 0,
    };
  }

  setRate(rate: VoiceRate): void {
    if (rate === this.#rate) return;
    this.#rate = rate;
    const frameSamples = rate / 50;
    this.frame = new Int16Array(frameSamples);
    this.#queue = new PcmQueue(frameSamples);
    this.#noise = new ComfortNoise(rate);
    this.#levelControl = new LevelControl(rate);
    this.#gate = new NoiseGate(rate);
    this.#tones = new ToneDetector({ sampleRate: rate });
    const voice = this.#voice;
    if (!voice) return;
    voice.decoder.close();
    voice.decoder = createDecoder(voice.codec, rate);
  }

  /** Nothing else is spoken from now on: what was spoken before ends at once, if it is not among them. */
  expect(codecs: readonly string[]): void {
    if (this.#voice && !codecs.includes(this.#voice.codec)) this.#endVoice(this.#voice);
  }

  /** Takes a packet of a voice, or of comfort noise. */
  push(packet: RtpPacket, format: ReceivedFormat, restarted: boolean, atMs: number): void {
    if (restarted) this.#voice?.jitter.reset();
    const isNoise = format.name === 'CN';
    if (!isNoise && format.name !== 'telephone-event' && !this.#speak(format.name, atMs)) return;
    // Some phones give it a number of their own.
    const named = isNoise ? { ...packet, payloadType: comfortNoiseType } : packet;
    this.#voice?.jitter.push(named, atMs, this.#reading.sinceMs(atMs));
  }

  /** A packet of a digit: no voice, and no gap. */
  skip(packet: RtpPacket): void {
    this.#voice?.jitter.pass(packet.sequence);
  }

  /** A packet that goes its way as it came: only how loud it is is of interest. Answers whether it is of the voice. */
  pass(packet: RtpPacket, codec: PhoneCodec, atMs: number): boolean {
    const voice = this.#speak(codec, atMs);
    if (!voice) return false;
    this.#passed += 1;
    if (this.#passed % looksAtOneOf === 1) this.level = levelDbov(voice.decoder.decode(packet.payload));
    return true;
  }

  /** Packets do not pass any more. */
  restart(): void {
    this.#voice?.jitter.reset();
    this.#queue.clear();
    this.#reading.stop();
  }

  /** The next 20 ms come into `frame`. Answers digits that were heard in it. */
  tick(atMs: number, onVoice: OnVoice | undefined): readonly Digit[] {
    const { frame } = this;
    this.#reading.tick(atMs);
    const { inBandDtmf } = this.#settings;
    const pulled: Parameters<OnVoice>[] = [];
    const take: OnVoice | undefined = inBandDtmf ? (...voice) => pulled.push(voice) : onVoice;
    for (let pulls = 0; this.#queue.samples < frame.length && pulls < maxPulls; pulls += 1) this.#pull(atMs, take);
    if (!this.#queue.take(frame)) frame.fill(0);
    const digits = inBandDtmf ? this.#tones.push(frame) : noDigits;
    // Whoever is told of the key is not to hear it as well; what comes before it is found is too short for one.
    if (this.#tones.pressed !== undefined) {
      frame.fill(0);
      this.level = silenceDbov;
    } else for (const voice of pulled) onVoice?.(...voice);
    if (this.#settings.noiseGate) this.#gate.apply(frame);
    if (this.#settings.levelControl) this.#levelControl.apply(frame);
    if (this.isProcessed) this.level = levelDbov(frame);
    return digits;
  }

  /** Nothing is taken of the other side: what was on its way is not heard later. */
  silence(): void {
    this.frame.fill(0);
    this.level = silenceDbov;
    this.restart();
  }

  #endVoice(voice: VoiceIn): void {
    const { late, concealedMs } = voice.jitter.stats;
    this.#countsBefore.late += late;
    this.#countsBefore.concealedMs += concealedMs;
    this.#strays = 0;
    voice.decoder.close();
    this.#voice = undefined;
  }

  close(): void {
    this.#voice?.decoder.close();
    this.#voice = undefined;
  }

  #pull(atMs: number, onVoice: OnVoice | undefined): void {
    const voice = this.#voice;
    if (!voice) {
      this.level = silenceDbov;
      this.#queue.pushSilence(this.frame.length);
      return;
    }
    const pulled = voice.jitter.pull(atMs, this.level < quietDbov);
    if (pulled.kind === 'silence') {
      this.level = silenceDbov;
      this.#pushNoise(Math.max(pulled.ms, 1));
      return;
    }
    if (pulled.kind === 'conceal') {
      this.#queue.push(voice.decoder.conceal(pulled.next));
      onVoice?.(pulled, this.level);
      return;
    }
    if (pulled.payloadType === comfortNoiseType) {
      this.level = silenceDbov;
      this.#noise.hear(pulled.payload);
      this.#pushNoise(pulled.ms);
      return;
    }
    this.#noise.stop();
    const pcm = voice.decoder.decode(pulled.payload);
    this.level = levelDbov(pcm);
    this.#queue.push(pcm);
    onVoice?.(pulled, this.level);
  }

  /** As the other side said that its silence sounds (RFC 3389), or nothing. */
  #pushNoise(ms: number): void {
    const samples = (ms * this.#rate) / 1000;
    if (!this.#noise.isHeard) {
      this.#queue.pushSilence(samples);
      return;
    }
    if (this.#noiseBuffer.length !== samples) this.#noiseBuffer = new Int16Array(samples);
    this.#noise.fill(this.#noiseBuffer);
    this.#queue.push(this.#noiseBuffer);
  }

  /** Undefined: it speaks another one. */
  #speak(codec: PhoneCodec, atMs: number): VoiceIn | undefined {
    const before = this.#voice;
    if (before?.codec === codec) {
      this.#strays = 0;
      return before;
    }
    if (before) {
      this.#strays += 1;
      if (this.#strays < packetsToSwitch || atMs - this.#switchedAtMs < switchEveryMs) return undefined;
      this.#switchedAtMs = atMs;
      this.#endVoice(before);
    }
    const clockRate = clockRateOf(codec);
    const ticksOf = codec === 'opus' ? ticksOfOpus : ticksOfG711;
    this.#voice = {
      codec,
      clockRate,
      jitter: new JitterBuffer({ clockRate, ticksOf, startMs: firstDelayMs, noisePayloadType: comfortNoiseType }),
      decoder: createDecoder(codec, this.#rate),
    };
    return this.#voice;
  }
}

/** By which it waits among the packets of a voice (RFC 3389 section 4). */
const comfortNoiseType = 13;
