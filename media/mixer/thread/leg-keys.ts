import { TokenBucket } from '../../../core/token-bucket.ts';
import type { ReceivedFormat } from '../../phones/sdp/leg-media.ts';
import type { VoiceRate } from '../codecs/voice-codec.ts';
import type { Digit } from '../rtp/digit.ts';
import { DigitStream } from '../rtp/digit-stream.ts';
import { DtmfReceiver, type DtmfReceiverState } from '../rtp/dtmf-receiver.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { keyTones } from './key-tones.ts';
import type { LegOutput } from './leg-output.ts';
import { nowMs } from './now.ts';
import { Player, type PlayingState } from './player.ts';

/** As fast as machines dial, with some at once. The main loop is told of each, and a packet may be a key. */
const digitRate = { perSecond: 15, burst: 64 };

interface LegKeysParts {
  readonly output: LegOutput;
  readonly rate: VoiceRate;
  readonly state: LegKeysState | undefined;
  /** A key goes down, or is told of. */
  readonly onPressed: () => void;
  /** Once for each press, whichever ways it came. */
  readonly onDigit: (digit: Digit) => void;
}

/** A tone and the gap behind it, for as many digits as wait to be sent as events. */
const maxTones = 2 * 128;

/** Can be sent to another thread. */
export interface LegKeysState {
  readonly events: DtmfReceiverState;
  readonly tones: PlayingState | undefined;
}

/** The keys of a leg: those that the other side presses, and those that are pressed for it. */
export class LegKeys {
  readonly #parts: LegKeysParts;
  readonly #stream = new DigitStream();
  readonly #rest = new TokenBucket(digitRate, nowMs());
  /** For those who take no events. */
  readonly #tones: Player;
  readonly #waiting: (() => void)[] = [];
  #events: DtmfReceiver;
  #clockRate: number;

  constructor(parts: LegKeysParts) {
    this.#parts = parts;
    const { rate, state } = parts;
    this.#tones = new Player(rate);
    if (state?.tones) this.#tones.goOn(state.tones, () => this.#pressed());
    this.#clockRate = state?.events.clockRate ?? 8000;
    this.#events = new DtmfReceiver(state ? { state: state.events } : { clockRate: 8000 });
  }

  /** Takes a packet of telephone-events. */
  take(packet: RtpPacket, format: ReceivedFormat, atMs: number): void {
    if (format.clockRate !== this.#clockRate) {
      this.#clockRate = format.clockRate;
      this.#events = new DtmfReceiver({ clockRate: format.clockRate });
    }
    const digits = this.#events.take(packet, atMs);
    if (this.#events.pressed !== undefined) this.#parts.onPressed();
    for (const digit of digits) this.hear('rfc4733', digit, atMs);
  }

  /** Of each tick: keys whose end was lost. */
  tick(atMs: number): void {
    for (const digit of this.#events.tick(atMs)) this.hear('rfc4733', digit, atMs);
  }

  hear(source: 'rfc4733' | 'info' | 'in-band', digit: Digit, atMs: number): void {
    const told = this.#stream.take(source, digit, atMs);
    if (!told || this.#rest.take(atMs) > 0) return;
    this.#parts.onPressed();
    this.#parts.onDigit(told);
  }

  /** It tells of a key that is down. */
  get isDown(): boolean {
    return this.#events.pressed !== undefined;
  }

  /** Keys are being pressed for it. */
  get isPressing(): boolean {
    return this.#tones.isPlaying || this.#parts.output.isSendingDigits;
  }

  /** Behind those that are being pressed. Resolves when all were, or cannot be any more. @throws {AppError} BAD_REQUEST, RATE_LIMITED */
  press(digits: string, options: { readonly durationMs?: number; readonly gapMs?: number }): Promise<void> {
    const { output } = this.#parts;
    if (output.takesEvents) {
      output.sendDigits(digits, options);
    } else this.#tones.append(keyTones(digits, options), maxTones, () => this.#pressed());
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Sends an event in the place of 20 ms of a voice; answers whether it did. */
  sendEvent(atMs: number): boolean {
    const { output } = this.#parts;
    if (output.isSendingDigits) {
      output.sendEvent(atMs);
      return true;
    }
    if (!this.#tones.isPlaying) this.#pressed();
    return false;
  }

  /** The next 20 ms of a tone, for those who take no events. */
  nextTone(): Int16Array | undefined {
    return this.#tones.next();
  }

  /** Nothing may be sent now, and nobody wants keys to be pressed later. */
  drop(): void {
    const { output } = this.#parts;
    if (output.isSendingDigits) output.clearDigits();
    this.#tones.stop('stopped');
    this.#pressed();
  }

  setRate(rate: VoiceRate): void {
    this.#tones.setRate(rate);
  }

  state(): LegKeysState {
    return { events: this.#events.state(), tones: this.#tones.state() };
  }

  close(): void {
    this.#tones.stop('stopped');
    this.#pressed();
  }

  #pressed(): void {
    if (this.#waiting.length === 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
