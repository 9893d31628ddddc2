import { createDecoder } from '../codecs/create-codec.ts';
import { levelDbov } from '../codecs/levels.ts';
import type { VoiceDecoder, VoiceRate } from '../codecs/voice-codec.ts';
import { readAudioLevel } from '../rtp/header-extensions.ts';
import { JitterBuffer } from '../rtp/jitter-buffer.ts';
import { ticksOfG711, ticksOfOpus } from '../rtp/packet-ticks.ts';
import { PcmQueue } from '../rtp/pcm-queue.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { firstDelayMs } from '../thread/leg-input.ts';
import type { TapVoiceFacts } from '../thread/mixer-calls.ts';
import { Reading } from '../thread/reading.ts';
import { Loudness } from './loudness.ts';

/** Packets of 2.5 ms, eight a frame, and some of which nothing can be decoded. */
const maxPulls = 16;
/** A packet that does not say how loud it is counts as a voice until it is decoded. */
const unknownDbov = -40;
const quietDbov = -50;

/** Takes the packets of a voice as they come, in place of mixing them. */
export type OnTapPacket = (packet: RtpPacket, levelDbov: number, atMs: number) => void;

/** A voice of the room that comes from a worker: a browser's, or that of a phone on another node. Decoded only while it is chosen. */
export class TapVoice {
  readonly facts: TapVoiceFacts;
  readonly loudness = new Loudness();
  /** Called with its first packet. */
  onceHeard: (() => void) | undefined;
  /** Of the last tick in which it was chosen. */
  frame: Int16Array;
  #rate: VoiceRate;
  #queue: PcmQueue;
  readonly #reading = new Reading();
  #jitter: JitterBuffer | undefined;
  #decoder: VoiceDecoder | undefined;
  #decodedDbov = unknownDbov;
  /** Packets of it may wait. */
  #isHeld = false;
  #onPacket: OnTapPacket | undefined;

  constructor(facts: TapVoiceFacts, rate: VoiceRate) {
    this.facts = facts;
    this.#rate = rate;
    this.frame = new Int16Array(rate / 50);
    this.#queue = new PcmQueue(rate / 50);
  }

  setRate(rate: VoiceRate): void {
    if (rate === this.#rate) return;
    this.#rate = rate;
    this.frame = new Int16Array(rate / 50);
    this.#queue = new PcmQueue(rate / 50);
    this.#decoder?.close();
    this.#decoder = undefined;
  }

  /** What comes from now on goes there as it came; undefined: it is mixed again. */
  pass(onPacket: OnTapPacket | undefined): void {
    if (onPacket && !this.#onPacket) this.#rest();
    this.#onPacket = onPacket;
  }

  /** `bytes` is the whole packet. */
  take(bytes: Buffer, packet: RtpPacket, atMs: number): void {
    const { payloadType, levelId } = this.facts;
    if (packet.payloadType !== payloadType) return;
    this.onceHeard?.();
    this.onceHeard = undefined;
    const told = levelId === undefined ? undefined : readAudioLevel(bytes, levelId);
    const dbov = told ?? this.#decodedDbov;
    this.loudness.hear(dbov);
    if (this.#onPacket) {
      this.#onPacket(packet, dbov, atMs);
      return;
    }
    // What nobody would hear is not even held.
    if (!this.loudness.isHeard) return;
    this.#isHeld = true;
    this.#jitter ??= this.#createJitter();
    this.#jitter.push(packet, atMs, this.#reading.sinceMs(atMs));
  }

  /** Of each tick, before voices are chosen. */
  age(): void {
    this.loudness.age();
    if (!this.loudness.isHeard) this.#rest();
  }

  /** It is chosen: the next 20 ms come into `frame`. */
  decode(atMs: number): void {
    const { frame } = this;
    this.#reading.tick(atMs);
    this.#decoder ??= createDecoder(this.facts.codec, this.#rate);
    for (let pulls = 0; this.#queue.samples < frame.length && pulls < maxPulls; pulls += 1)
      this.#pull(this.#decoder, atMs);
    if (!this.#queue.take(frame)) frame.fill(0);
    this.#decodedDbov = levelDbov(frame);
  }

  /** It is heard, and others are louder: its time passes. */
  skip(atMs: number): void {
    const { frame } = this;
    this.#reading.tick(atMs);
    for (let pulls = 0; this.#queue.samples < frame.length && pulls < maxPulls; pulls += 1) {
      const ms = this.#jitter?.pull(atMs, true).ms ?? 0;
      this.#queue.pushSilence(Math.round((Math.max(ms, 1) * this.#rate) / 1000));
    }
    this.#queue.take(frame);
  }

  close(): void {
    this.#decoder?.close();
    this.#decoder = undefined;
  }

  #pull(decoder: VoiceDecoder, atMs: number): void {
    const pulled = this.#jitter?.pull(atMs, this.#decodedDbov < quietDbov);
    if (pulled?.kind === 'frame') this.#queue.push(decoder.decode(pulled.payload));
    else if (pulled?.kind === 'conceal') this.#queue.push(decoder.conceal(pulled.next));
    else this.#queue.pushSilence(Math.round((Math.max(pulled?.ms ?? 20, 1) * this.#rate) / 1000));
  }

  /** It says nothing, and begins anew when it does. */
  #rest(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    // What is known of its path holds for its next word, too.
    this.#jitter?.clear();
    this.#queue.clear();
    this.#reading.stop();
    // A voice that does not say how loud it is is listened to again.
    this.#decodedDbov = unknownDbov;
  }

  #createJitter(): JitterBuffer {
    const { codec } = this.facts;
    return new JitterBuffer({
      clockRate: codec === 'opus' ? 48_000 : 8000,
      ticksOf: codec === 'opus' ? ticksOfOpus : ticksOfG711,
      startMs: firstDelayMs,
    });
  }
}
