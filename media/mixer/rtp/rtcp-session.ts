import { parseRtcp, type ReportBlock, writeRtcp } from './rtcp.ts';
import type { RtpReceiver } from './rtp-receiver.ts';
import type { RtpSender } from './rtp-sender.ts';

interface RtcpSessionOptions {
  readonly sender: RtpSender;
  readonly receiver: RtpReceiver;
  /** Names the call's end in words of our own, and tells nothing of machines or people (RFC 7022). */
  readonly cname: string;
  /** From 0 to 1. */
  readonly random?: () => number;
  readonly state?: RtcpSessionState;
}

/** Can be sent to another thread. */
export interface RtcpSessionState {
  readonly dueMs: number | undefined;
  readonly reportedPackets: number;
  readonly last: LastReport | undefined;
  readonly remote: RemoteReport;
}

/** The other side's last sender report. */
interface LastReport {
  readonly ntp: number;
  readonly heardMs: number;
}

/** What the other side says of what it receives; all undefined before its first report. */
export interface RemoteReport {
  readonly rttMs: number | undefined;
  readonly lost: number | undefined;
  /** Of the time between its last two reports, 0 to 1. */
  readonly lossRatio: number | undefined;
  readonly jitterMs: number | undefined;
}

/** RFC 3550 section 6.2. */
const intervalMs = 5_000;
/** NTP's short form counts those in a second. */
const ticksPerMs = 65.536;
/** A longer round trip is an answer to another report, or an error of the other side. */
const maxRttMs = 30_000;
const unknown: RemoteReport = { rttMs: undefined, lost: undefined, lossRatio: undefined, jitterMs: undefined };

/** The reports of one call (RFC 3550 section 6.4): ours to be sent now and then, and what the other side's say. */
export class RtcpSession {
  readonly #sender: RtpSender;
  readonly #receiver: RtpReceiver;
  readonly #cname: string;
  readonly #random: () => number;
  #dueMs: number | undefined;
  #reportedPackets: number;
  #last: LastReport | undefined;
  #remote: RemoteReport;

  constructor({ sender, receiver, cname, random = Math.random, state }: RtcpSessionOptions) {
    this.#sender = sender;
    this.#receiver = receiver;
    this.#cname = cname;
    this.#random = random;
    this.#dueMs = state?.dueMs;
    this.#reportedPackets = state?.reportedPackets ?? 0;
    this.#last = state?.last;
    this.#remote = state?.remote ?? unknown;
  }

  get remote(): RemoteReport {
    return this.#remote;
  }

  /** Whether it is time for a report; the first one is due after half of the interval. */
  isDue(nowMs: number): boolean {
    this.#dueMs ??= nowMs + this.#wait() / 2;
    return nowMs >= this.#dueMs;
  }

  /** Writes a report at the start of `into`, which has room for 400 bytes; answers its length. `bye`: it is the last one. */
  write(into: Buffer, nowMs: number, { bye = false } = {}): number {
    this.#dueMs = nowMs + this.#wait();
    const { ssrc, packets, octets } = this.#sender;
    const hasSent = packets !== this.#reportedPackets;
    this.#reportedPackets = packets;
    const timestamp = this.#sender.timestampAt(nowMs);
    const block = this.#block(nowMs);
    return writeRtcp(into, {
      ssrc,
      cname: this.#cname,
      bye,
      ...(hasSent ? { sender: { ntpMs: Math.max(0, nowMs), timestamp, packets, octets } } : {}),
      ...(block ? { block } : {}),
    });
  }

  /** Takes what came, decrypted. A BYE ends nothing: phones send it for a stream that another one follows, and SIP ends calls. */
  take(bytes: Buffer, nowMs: number): void {
    for (const packet of parseRtcp(bytes) ?? []) {
      if (packet.type !== 'report') continue;
      if (packet.sender) this.#last = { ntp: packet.sender.ntp, heardMs: nowMs };
      for (const block of packet.blocks) if (block.ssrc === this.#sender.ssrc) this.#hear(block, nowMs);
    }
  }

  state(): RtcpSessionState {
    return { dueMs: this.#dueMs, reportedPackets: this.#reportedPackets, last: this.#last, remote: this.#remote };
  }

  #hear(block: ReportBlock, nowMs: number): void {
    const ticks = (shortNtp(nowMs) - block.lastReport - block.sinceLastReport) | 0;
    const rttMs = ticks / ticksPerMs;
    // Clocks of two machines may differ by a tick.
    const isRtt = block.lastReport !== 0 && rttMs > -1 && rttMs < maxRttMs;
    this.#remote = {
      rttMs: isRtt ? Math.max(0, rttMs) : this.#remote.rttMs,
      lost: block.lost,
      lossRatio: block.fractionLost / 256,
      jitterMs: (block.jitter * 1000) / this.#sender.clockRate,
    };
  }

  #block(nowMs: number): ReportBlock | undefined {
    const report = this.#receiver.report();
    if (!report) return undefined;
    const sinceMs = this.#last ? Math.max(0, nowMs - this.#last.heardMs) : 0;
    return { ...report, lastReport: this.#last?.ntp ?? 0, sinceLastReport: Math.floor(sinceMs * ticksPerMs) >>> 0 };
  }

  /** Half to one and a half of the interval, so that calls do not report all at once. */
  #wait(): number {
    return intervalMs * (0.5 + this.#random());
  }
}

/** The middle 32 bits of NTP's 64. */
function shortNtp(nowMs: number): number {
  return Math.floor(nowMs * ticksPerMs) >>> 0;
}
