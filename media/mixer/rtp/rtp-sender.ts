import { randomInt } from 'node:crypto';
import { audioLevelBytes, writeAudioLevel } from './header-extensions.ts';
import { fixedHeaderBytes, type RtpPacket, writeRtpHeader } from './rtp-packet.ts';
import { sequenceAhead, timestampAhead } from './serial-numbers.ts';

/** What a packet is to carry, and how. */
export interface RtpFormat {
  readonly payloadType: number;
  /** Of the timestamp, Hz: 48,000 for Opus, 8,000 for G.711 and G.722 (RFC 3551 section 4.5.2). */
  readonly clockRate: number;
  /** How long it sounds, in ticks of the clock. */
  readonly ticks: number;
  /** Is written into the header extension of that number (1 to 14): how loud it is, in dBov, 0 to -127. */
  readonly level?: { readonly id: number; readonly dbov: number };
}

export interface RtpFrame extends RtpFormat {
  readonly payload: Uint8Array;
}

/** One of several packets about the same moment: telephone-events. */
export interface RtpEvent {
  readonly payloadType: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: Uint8Array;
}

/** Can be sent to another thread. */
export interface RtpSenderState {
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly clockRate: number;
  readonly dueMs: number | undefined;
  readonly isResuming: boolean;
  readonly packets: number;
  readonly octets: number;
}

/** Of the mixer. */
const tickMs = 20;
/** A packet may be later than that before the time without packets counts as a pause: ticks of a busy thread come late. */
const maxLateMs = 100;
/** Another jump of a source's numbers, either way, is a source that began anew. */
const maxSourceJump = 100;
const maxSourceJumpMs = 5_000;

/**
 * One stream of RTP that a phone receives for as long as its call lasts. Whatever is sent (a mix, a prompt, digits, packets
 * of another phone), however long nothing was, and whatever the codec: the SSRC stays, sequence numbers have no holes of
 * our own, and the timestamp goes on with time. Phones stay silent, and SRTP fails, where they begin anew.
 */
export class RtpSender {
  readonly ssrc: number;
  #sequence: number;
  /** Of the next packet. */
  #timestamp: number;
  #clockRate: number;
  /** When the next packet is due; undefined before the first. */
  #dueMs: number | undefined;
  /** The next packet begins a talkspurt (RFC 3551 section 4.1). */
  #isResuming: boolean;
  #packets: number;
  #octets: number;
  /** The stream that is passed on: how far our numbers are ahead of its own. */
  #source: { ssrc: number; sequence: number; timestamp: number; floor: number } | undefined;

  /** Random numbers to begin with (RFC 3550 section 5.1), or what another one was. */
  constructor({ ssrc, state }: { readonly ssrc?: number; readonly state?: RtpSenderState } = {}) {
    this.ssrc = state?.ssrc ?? ssrc ?? randomInt(1, 2 ** 32);
    // From the lower half, so that SRTP's first packets are not lost with the number's turn (RFC 3711 section 3.3.1).
    this.#sequence = state?.sequence ?? randomInt(2 ** 15);
    this.#timestamp = state?.timestamp ?? randomInt(2 ** 32);
    this.#clockRate = state?.clockRate ?? 8_000;
    this.#dueMs = state?.dueMs;
    this.#isResuming = state?.isResuming ?? true;
    this.#packets = state?.packets ?? 0;
    this.#octets = state?.octets ?? 0;
  }

  get packets(): number {
    return this.#packets;
  }

  /** Of payloads. */
  get octets(): number {
    return this.#octets;
  }

  /** Of the timestamp, Hz. */
  get clockRate(): number {
    return this.#clockRate;
  }

  /** For sender reports: the timestamp of what is heard at that moment. */
  timestampAt(nowMs: number): number {
    const ticks = Math.round(((nowMs - (this.#dueMs ?? nowMs)) * this.#clockRate) / 1000);
    return (this.#timestamp + ticks) >>> 0;
  }

  /** Writes the next packet at the start of `into`, which has room for it; answers its length. */
  write(into: Buffer, frame: RtpFrame, nowMs: number): number {
    this.#source = undefined;
    this.#catchUp(frame, nowMs);
    const length = this.#put(into, frame, this.#sequence, this.#timestamp, this.#isResuming, frame.payload);
    this.#isResuming = false;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#pass(frame.ticks);
    return length;
  }

  /** A moment in which nothing is sent: a pause of the voice, a frame that a digit stands for. */
  skip(ticks: number): void {
    this.#pass(ticks);
    this.#isResuming = true;
  }

  /** The time of a packet that did not come: whoever hears the stream fills it, by what the next one tells where its codec can. */
  miss(ticks: number): void {
    this.#source = undefined;
    this.#pass(ticks);
  }

  /**
   * Writes a packet of another stream as one of this: what it lost on its way is lost here too, and the receiver conceals
   * it. Answers the length; -1 for one that is older than the moment from which on the stream is passed on.
   */
  forward(into: Buffer, packet: RtpPacket, format: RtpFormat, nowMs: number): number {
    const source = this.#follow(packet, format, nowMs);
    this.#clockRate = format.clockRate;
    const sequence = (packet.sequence + source.sequence) & 0xffff;
    if (sequenceAhead(sequence, source.floor) < 0) return -1;
    const timestamp = (packet.timestamp + source.timestamp) >>> 0;
    const marker = packet.marker || this.#isResuming;
    const length = this.#put(into, format, sequence, timestamp, marker, packet.payload);
    this.#isResuming = false;
    if (sequenceAhead(sequence, this.#sequence) >= 0) {
      this.#sequence = (sequence + 1) & 0xffff;
      this.#timestamp = timestamp;
      this.#dueMs = nowMs;
      this.#pass(format.ticks);
    }
    return length;
  }

  /** An event begins: answers the timestamp of its packets. `clockRate`: of the event, where nothing was sent before it. */
  beginEvent(clockRate: number, nowMs: number): number {
    // Where voice was sent, events follow its clock (RFC 4733 section 2.1).
    const ownRate = this.#dueMs === undefined ? clockRate : this.#clockRate;
    this.#catchUp({ clockRate: ownRate, ticks: (ownRate * tickMs) / 1000 }, nowMs);
    return this.#timestamp;
  }

  /** Writes a packet of an event: it takes a sequence number, and no time. {@link RtpSender.skip} lets time pass. */
  writeEvent(into: Buffer, event: RtpEvent): number {
    this.#source = undefined;
    const { timestamp, marker, payload } = event;
    const length = this.#put(into, event, this.#sequence, timestamp, marker, payload);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    return length;
  }

  state(): RtpSenderState {
    return {
      ssrc: this.ssrc,
      sequence: this.#sequence,
      timestamp: this.#timestamp,
      clockRate: this.#clockRate,
      dueMs: this.#dueMs,
      isResuming: this.#isResuming,
      packets: this.#packets,
      octets: this.#octets,
    };
  }

  /** Time passes that a packet stands for. */
  #pass(ticks: number): void {
    this.#timestamp = (this.#timestamp + ticks) >>> 0;
    if (this.#dueMs !== undefined) this.#dueMs += (ticks * 1000) / this.#clockRate;
  }

  /** After a pause the timestamp is where it would be had there been none, in whole packets. */
  #catchUp({ clockRate, ticks }: Pick<RtpFormat, 'clockRate' | 'ticks'>, nowMs: number): void {
    this.#clockRate = clockRate;
    const lateMs = nowMs - (this.#dueMs ?? nowMs);
    if (lateMs > maxLateMs) {
      const packets = Math.floor((lateMs * clockRate) / 1000 / ticks);
      this.#timestamp = (this.#timestamp + packets * ticks) >>> 0;
      this.#isResuming = true;
    }
    // A clock that stands before the last packet is another machine's or thread's: no time is known to have passed.
    if (this.#dueMs === undefined || Math.abs(lateMs) > maxLateMs) this.#dueMs = nowMs;
  }

  #follow(packet: RtpPacket, format: RtpFormat, nowMs: number) {
    const source = this.#source;
    if (source?.ssrc === packet.ssrc) {
      const ahead = sequenceAhead((packet.sequence + source.sequence) & 0xffff, this.#sequence);
      const ticksAhead = timestampAhead((packet.timestamp + source.timestamp) >>> 0, this.#timestamp);
      const aheadMs = (ticksAhead * 1000) / format.clockRate - (nowMs - (this.#dueMs ?? nowMs));
      if (Math.abs(ahead) <= maxSourceJump && Math.abs(aheadMs) <= maxSourceJumpMs) return source;
    }
    this.#catchUp(format, nowMs);
    this.#isResuming = true;
    this.#source = {
      ssrc: packet.ssrc,
      sequence: (this.#sequence - packet.sequence) & 0xffff,
      timestamp: (this.#timestamp - packet.timestamp) >>> 0,
      floor: this.#sequence,
    };
    return this.#source;
  }

  #put(
    into: Buffer,
    { payloadType, level }: Pick<RtpFormat, 'payloadType' | 'level'>,
    sequence: number,
    timestamp: number,
    marker: boolean,
    payload: Uint8Array,
  ): number {
    writeRtpHeader(into, { payloadType, sequence, timestamp, ssrc: this.ssrc, marker }, level !== undefined);
    let at = fixedHeaderBytes;
    if (level) {
      writeAudioLevel(into, at, level.id, level.dbov);
      at += audioLevelBytes;
    }
    into.set(payload, at);
    this.#packets += 1;
    this.#octets += payload.length;
    return at + payload.length;
  }
}
