import { AppError } from '../../../core/errors.ts';
import { keypad } from './digit.ts';
import type { RtpSender } from './rtp-sender.ts';

/** What the other side takes events as. */
export interface DtmfFormat {
  readonly payloadType: number;
  /** Hz. */
  readonly clockRate: number;
}

interface Waiting {
  readonly event: number;
  readonly durationMs: number;
  readonly gapMs: number;
}

interface Running extends Waiting {
  readonly format: DtmfFormat;
  /** Of its part that runs: a long event has several (RFC 4733 section 2.5.1.3). */
  timestamp: number;
  partTicks: number;
  isFirst: boolean;
  /** Of the whole event so far, then of the time behind it. */
  sentMs: number;
  ends: number;
}

/** Can be sent to another thread. */
export interface DtmfSenderState {
  readonly format: DtmfFormat;
  readonly waiting: readonly Waiting[];
  readonly running: Running | undefined;
}

const tickMs = 20;
/** ITU-T Q.24: shorter ones are not heard by every exchange. */
const minMs = 40;
const maxDurationMs = 10_000;
const maxWaiting = 128;
const maxPartTicks = 0xffff;
/** RFC 4733 section 2.5.1.4. */
const endPackets = 3;
const endBit = 0x80;
/** RFC 4733 section 2.3.3: -10 dBm0, as telephones send. */
const volume = 10;

/** Digits to a phone, as telephone-events (RFC 4733) in the stream of its voice: one after another, a packet each tick. */
export class DtmfSender {
  #format: DtmfFormat;
  readonly #waiting: Waiting[];
  #running: Running | undefined;
  readonly #payload = Buffer.alloc(4);

  constructor(options: DtmfFormat | { readonly state: DtmfSenderState }) {
    const state = 'state' in options ? options.state : undefined;
    this.#format = 'state' in options ? options.state.format : options;
    this.#waiting = [...(state?.waiting ?? [])];
    this.#running = state?.running && { ...state.running };
  }

  /** Of the digits that begin from now on. */
  setFormat(format: DtmfFormat): void {
    this.#format = format;
  }

  /** Whether a digit, or the gap behind it, takes the place of the voice. */
  get isSending(): boolean {
    return this.#running !== undefined || this.#waiting.length > 0;
  }

  /**
   * Puts digits behind those that wait. Times are kept to between 40 ms and 10 s.
   *
   * @throws {AppError} BAD_REQUEST for others than 0-9, *, #, A-D; RATE_LIMITED beyond 128 that wait. None is sent then.
   */
  send(digits: string, { durationMs = 100, gapMs = 100 }: { durationMs?: number; gapMs?: number } = {}): void {
    const events = [...digits.toUpperCase()].map((digit) => keypad.indexOf(digit));
    if (events.includes(-1)) throw new AppError('BAD_REQUEST', { field: 'digits', problem: 'may be 0-9, *, #, A-D' });
    if (this.#waiting.length + events.length > maxWaiting) throw new AppError('RATE_LIMITED', { what: 'digits' });
    const times = { durationMs: within(durationMs), gapMs: within(gapMs) };
    for (const event of events) this.#waiting.push({ event, ...times });
  }

  /** What waits is not sent; a key that is down is let go. */
  clear(): void {
    this.#waiting.length = 0;
    if (this.#running && this.#running.ends === 0) this.#running = { ...this.#running, durationMs: 0 };
  }

  /**
   * To be called once in a tick of 20 ms while {@link DtmfSender.isSending}, in place of the voice: writes the packet that is
   * due at the start of `into`, and answers its length; 0 in the gap behind a digit. The stream's time goes on by it.
   */
  write(into: Buffer, sender: RtpSender, nowMs: number): number {
    this.#running ??= this.#next(sender, nowMs);
    const running = this.#running;
    if (!running) return 0;
    const length = running.ends < endPackets ? this.#writePacket(running, into, sender) : 0;
    running.sentMs += tickMs;
    if (running.ends >= endPackets && running.sentMs >= running.gapMs) this.#running = undefined;
    sender.skip((sender.clockRate * tickMs) / 1000);
    return length;
  }

  state(): DtmfSenderState {
    return { format: this.#format, waiting: [...this.#waiting], running: this.#running && { ...this.#running } };
  }

  #next(sender: RtpSender, nowMs: number): Running | undefined {
    const waiting = this.#waiting.shift();
    if (!waiting) return undefined;
    const format = this.#format;
    const timestamp = sender.beginEvent(format.clockRate, nowMs);
    return { ...waiting, format, timestamp, partTicks: 0, isFirst: true, sentMs: 0, ends: 0 };
  }

  #writePacket(running: Running, into: Buffer, sender: RtpSender): number {
    const { format, isFirst } = running;
    if (running.ends === 0) {
      running.partTicks += (format.clockRate * tickMs) / 1000;
      if (running.sentMs + tickMs >= running.durationMs) {
        running.ends = 1;
        // From here on it counts the gap.
        running.sentMs = -tickMs;
      }
    } else running.ends += 1;
    running.isFirst = false;
    const isFull = running.partTicks > maxPartTicks;
    const isEnd = running.ends > 0 && !isFull;
    this.#payload[0] = running.event;
    this.#payload[1] = isEnd ? endBit | volume : volume;
    this.#payload.writeUInt16BE(Math.min(running.partTicks, maxPartTicks), 2);
    const { timestamp } = running;
    const event = { payloadType: format.payloadType, timestamp, marker: isFirst, payload: this.#payload };
    if (isFull) {
      running.timestamp = (timestamp + maxPartTicks) >>> 0;
      running.partTicks -= maxPartTicks;
      // Its last packet was the part's: the ends are those of the part behind it.
      if (running.ends > 0) running.ends = 0;
    }
    return sender.writeEvent(into, event);
  }
}

function within(ms: number): number {
  return Math.min(maxDurationMs, Math.max(minMs, Math.round(ms)));
}
