import { type Digit, keypad, noDigits } from './digit.ts';
import type { RtpPacket } from './rtp-packet.ts';
import { timestampAhead } from './serial-numbers.ts';

/** A key that is down. */
interface Pressed {
  readonly ssrc: number;
  readonly event: number;
  /** When it went down, by the sender; a long event's later parts have times of their own (RFC 4733 section 2.5.1.3). */
  readonly firstTimestamp: number;
  partTimestamp: number;
  /** Of the part so far, in ticks. */
  partTicks: number;
  heardMs: number;
}

/** Can be sent to another thread. */
export interface DtmfReceiverState {
  readonly clockRate: number;
  readonly pressed: Pressed | undefined;
  readonly last: { readonly ssrc: number; readonly timestamp: number } | undefined;
}

const eventBytes = 4;
const endBit = 0x80;
const maxPartTicks = 0xffff;
/** Where all ends of an event are lost: it is over when nothing more was heard of it for this long. */
const lostEndMs = 250;
const maxOvertakenMs = 2_000;

/**
 * Telephone-events of a stream as digits (RFC 4733). Each of an event's packets says all that is known of it, so any one of
 * them is enough: neither the marker nor the ends are needed. A digit is told once, when the key was let go.
 */
export class DtmfReceiver {
  readonly #clockRate: number;
  #pressed: Pressed | undefined;
  /** The last one that was told: more of its packets may come. */
  #last: { readonly ssrc: number; readonly timestamp: number } | undefined;

  constructor(options: { readonly clockRate: number } | { readonly state: DtmfReceiverState }) {
    this.#clockRate = 'state' in options ? options.state.clockRate : options.clockRate;
    if (!('state' in options)) return;
    const { pressed, last } = options.state;
    this.#pressed = pressed && { ...pressed };
    this.#last = last;
  }

  /** The digit whose key is down. */
  get pressed(): string | undefined {
    return this.#pressed && keypad[this.#pressed.event];
  }

  /** Takes a packet of the payload type of events; answers what was let go, in the order in which it was pressed. */
  take({ payload, ssrc, timestamp }: RtpPacket, nowMs: number): readonly Digit[] {
    if (payload.length < eventBytes) return noDigits;
    const event = payload.readUInt8(0);
    // Tones of modems and lines have other numbers.
    if (event >= keypad.length) return noDigits;
    const isEnd = (payload.readUInt8(1) & endBit) !== 0;
    const ticks = payload.readUInt16BE(2);
    let pressed = this.#pressed;
    const digits: Digit[] = [];
    if (pressed && this.#isAnother(pressed, event, ssrc, timestamp)) {
      // An old one that was overtaken says nothing new.
      if (pressed.ssrc === ssrc && this.#isBefore(timestamp, pressed.firstTimestamp)) return noDigits;
      digits.push(this.#release(pressed));
      pressed = undefined;
    }
    if (!pressed) {
      if (this.#wasTold(ssrc, timestamp)) return digits;
      pressed = { ssrc, event, firstTimestamp: timestamp, partTimestamp: timestamp, partTicks: 0, heardMs: nowMs };
      this.#pressed = pressed;
    }
    if (timestamp !== pressed.partTimestamp) {
      pressed.partTimestamp = timestamp;
      pressed.partTicks = 0;
    }
    pressed.partTicks = Math.max(pressed.partTicks, ticks);
    pressed.heardMs = nowMs;
    if (isEnd) digits.push(this.#release(pressed));
    return digits;
  }

  /** To be asked for now and then, once in 100 ms at least: a digit whose ends were lost is told by the time. */
  tick(nowMs: number): readonly Digit[] {
    const pressed = this.#pressed;
    return pressed && nowMs - pressed.heardMs >= lostEndMs ? [this.#release(pressed)] : noDigits;
  }

  state(): DtmfReceiverState {
    return { clockRate: this.#clockRate, pressed: this.#pressed && { ...this.#pressed }, last: this.#last };
  }

  #isAnother(pressed: Pressed, event: number, ssrc: number, timestamp: number): boolean {
    if (ssrc !== pressed.ssrc || event !== pressed.event) return true;
    const ahead = timestampAhead(timestamp, pressed.partTimestamp);
    if (ahead === 0) return false;
    // The next part of a long event begins where the one before it was full; packets of that end may have been lost.
    const isNextPart = ahead > 0 && ahead % maxPartTicks === 0 && pressed.partTicks > maxPartTicks / 2;
    return !isNextPart;
  }

  /** Of an event that was told, or of one before it. */
  #wasTold(ssrc: number, timestamp: number): boolean {
    const last = this.#last;
    return last?.ssrc === ssrc && (timestamp === last.timestamp || this.#isBefore(timestamp, last.timestamp));
  }

  /** By more than any path delays a packet, it is of a sender whose clock was set anew. */
  #isBefore(timestamp: number, than: number): boolean {
    const ahead = timestampAhead(timestamp, than);
    return ahead < 0 && ahead > (-maxOvertakenMs * this.#clockRate) / 1000;
  }

  #release(pressed: Pressed): Digit {
    const { ssrc, firstTimestamp, partTimestamp, partTicks } = pressed;
    this.#pressed = undefined;
    this.#last = { ssrc, timestamp: partTimestamp };
    const ticks = timestampAhead(partTimestamp, firstTimestamp) + partTicks;
    return { digit: keypad[pressed.event] ?? '', durationMs: Math.round((ticks * 1000) / this.#clockRate) };
  }
}
