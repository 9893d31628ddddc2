import { ReplayWindow, type ReplayWindowState } from './replay-window.ts';
import type { RtpPacket } from './rtp-packet.ts';
import { sequenceAhead, timestampAhead } from './serial-numbers.ts';

/**
 * What a packet is to its stream. `restarted`: the first that is taken of another SSRC, or after a jump; what was expected
 * of the stream before is void. `refused`: of no stream, or too old.
 */
export type RtpVerdict = 'taken' | 'restarted' | 'duplicate' | 'refused';

export interface RtpReceiverStats {
  readonly packets: number;
  /** Of payloads. */
  readonly octets: number;
  /** Of all streams so far. */
  readonly lost: number;
  readonly duplicates: number;
  readonly refused: number;
  /** RFC 3550 section 6.4.1. */
  readonly jitterMs: number;
}

/** RFC 3550 section 6.4.1, of the stream that comes now. */
export interface ReceptionReport {
  readonly ssrc: number;
  /** Since the report before, of 256. */
  readonly fractionLost: number;
  /** 24 bits with a sign. */
  readonly lost: number;
  /** 32 bits, with the number's turns. */
  readonly highestSequence: number;
  /** In ticks of its clock. */
  readonly jitter: number;
}

/** Can be sent to another thread. */
export interface RtpReceiverState {
  readonly clockRate: number;
  readonly ssrc: number | undefined;
  readonly window: ReplayWindowState;
  readonly first: number;
  readonly received: number;
  readonly lostBefore: number;
  readonly arrived: number | undefined;
  readonly timestamp: number;
  readonly jitter: number;
  readonly prior: { readonly expected: number; readonly received: number };
  readonly counts: { packets: number; octets: number; duplicates: number; refused: number };
}

/** RFC 3550 appendix A.1. */
const maxDropout = 3_000;
const maxMisorder = 100;
/** A larger step of a packet's way is a sender's clock that was set anew, and no jitter. */
const maxTransitStepMs = 1_000;
/** A stream's numbers are counted from the second turn on, so that one that comes before the first is no negative. */
const firstTurn = 0x1_0000;

/** One stream that comes from a phone: which packets belong to it, and how it travels (RFC 3550 appendices A.1, A.3, A.8). */
export class RtpReceiver {
  #clockRate: number;
  #ssrc: number | undefined;
  #window: ReplayWindow;
  #first: number;
  #received: number;
  /** Of streams that ended. */
  #lostBefore: number;
  #arrived: number | undefined;
  #timestamp: number;
  /** In ticks. */
  #jitter: number;
  #prior: { readonly expected: number; readonly received: number };
  readonly #counts: { packets: number; octets: number; duplicates: number; refused: number };
  /** What would be the next packet of a stream that may have begun. */
  #candidate: { readonly ssrc: number; readonly sequence: number } | undefined;

  constructor(options: { readonly clockRate: number } | { readonly state: RtpReceiverState }) {
    const state = 'state' in options ? options.state : undefined;
    this.#clockRate = 'state' in options ? options.state.clockRate : options.clockRate;
    this.#ssrc = state?.ssrc;
    this.#window = new ReplayWindow(state?.window);
    this.#first = state?.first ?? 0;
    this.#received = state?.received ?? 0;
    this.#lostBefore = state?.lostBefore ?? 0;
    this.#arrived = state?.arrived;
    this.#timestamp = state?.timestamp ?? 0;
    this.#jitter = state?.jitter ?? 0;
    this.#prior = state?.prior ?? { expected: 0, received: 0 };
    this.#counts = { ...(state?.counts ?? { packets: 0, octets: 0, duplicates: 0, refused: 0 }) };
  }

  get stats(): RtpReceiverStats {
    const jitterMs = (this.#jitter * 1000) / this.#clockRate;
    return { ...this.#counts, lost: this.#lostBefore + this.#lost, jitterMs };
  }

  /** The codec changed: another clock, and the same stream. */
  setClockRate(clockRate: number): void {
    if (clockRate === this.#clockRate) return;
    this.#jitter = (this.#jitter * clockRate) / this.#clockRate;
    this.#clockRate = clockRate;
    this.#arrived = undefined;
  }

  take(packet: RtpPacket, nowMs: number): RtpVerdict {
    const isFirst = this.#ssrc === undefined;
    if (isFirst) this.#begin(packet);
    const ahead = isFirst ? 0 : sequenceAhead(packet.sequence, this.#window.highest & 0xffff);
    const isOfStream = packet.ssrc === this.#ssrc && ahead <= maxDropout && ahead >= -maxMisorder;
    const restarts = !isOfStream && this.#isNextOfCandidate(packet);
    if (!isOfStream && !restarts) {
      this.#counts.refused += 1;
      return 'refused';
    }
    if (restarts) this.#begin(packet);
    this.#candidate = undefined;
    const index = isFirst || restarts ? this.#first : this.#window.highest + ahead;
    if (this.#window.has(index)) {
      this.#counts.duplicates += 1;
      return 'duplicate';
    }
    this.#window.add(index);
    // One that was overtaken by the very first.
    this.#first = Math.min(this.#first, index);
    this.#received += 1;
    this.#counts.packets += 1;
    this.#counts.octets += packet.payload.length;
    this.#measureJitter(packet, nowMs);
    return restarts ? 'restarted' : 'taken';
  }

  /** What a receiver report tells; undefined before the first packet. The next one counts from here. */
  report(): ReceptionReport | undefined {
    if (this.#ssrc === undefined) return undefined;
    const expected = this.#expected;
    const expectedNow = expected - this.#prior.expected;
    const lostNow = expectedNow - (this.#received - this.#prior.received);
    this.#prior = { expected, received: this.#received };
    return {
      ssrc: this.#ssrc,
      fractionLost: expectedNow > 0 && lostNow > 0 ? Math.min(255, Math.floor((lostNow * 256) / expectedNow)) : 0,
      lost: Math.min(0x7f_ffff, this.#lost),
      highestSequence: (this.#window.highest - firstTurn) >>> 0,
      jitter: Math.round(this.#jitter),
    };
  }

  state(): RtpReceiverState {
    return {
      clockRate: this.#clockRate,
      ssrc: this.#ssrc,
      window: this.#window.state(),
      first: this.#first,
      received: this.#received,
      lostBefore: this.#lostBefore,
      arrived: this.#arrived,
      timestamp: this.#timestamp,
      jitter: this.#jitter,
      prior: this.#prior,
      counts: { ...this.#counts },
    };
  }

  get #expected(): number {
    return this.#ssrc === undefined ? 0 : this.#window.highest - this.#first + 1;
  }

  get #lost(): number {
    return this.#expected - this.#received;
  }

  #begin(packet: RtpPacket): void {
    this.#lostBefore += this.#lost;
    this.#ssrc = packet.ssrc;
    this.#window = new ReplayWindow();
    this.#first = firstTurn + packet.sequence;
    this.#received = 0;
    this.#prior = { expected: 0, received: 0 };
    this.#arrived = undefined;
  }

  /**
   * Another stream is believed from its second packet in a row on, with none of the old one between them: a stray packet, or
   * a second stream beside the first, does not take its place.
   */
  #isNextOfCandidate({ ssrc, sequence }: RtpPacket): boolean {
    const candidate = this.#candidate;
    this.#candidate = { ssrc, sequence: (sequence + 1) & 0xffff };
    return candidate?.ssrc === ssrc && candidate.sequence === sequence;
  }

  #measureJitter({ timestamp }: RtpPacket, nowMs: number): void {
    // Packets about one moment, as those of a digit are, say nothing of the time between them.
    if (this.#arrived !== undefined && timestamp === this.#timestamp) return;
    const arrived = (nowMs * this.#clockRate) / 1000;
    if (this.#arrived !== undefined) {
      // How much longer than the one before it was under way.
      const sent = timestampAhead(timestamp, this.#timestamp);
      const step = Math.abs(arrived - this.#arrived - sent);
      if (step * 1000 <= maxTransitStepMs * this.#clockRate) this.#jitter += (step - this.#jitter) / 16;
    }
    this.#arrived = arrived;
    this.#timestamp = timestamp;
  }
}
