import type { RtpPacket } from '../mixer/rtp/rtp-packet.ts';
import { sequenceAhead } from '../mixer/rtp/serial-numbers.ts';

export interface OrderedPacket {
  readonly packet: RtpPacket;
  readonly arrivedMs: number;
  /** How many right before it never came, or came too late. */
  readonly lost: number;
}

interface ReorderOptions {
  /** What the one before may take longer: two rounds of asking the sender again over a path of 150 ms, and some. */
  readonly maxWaitMs?: number;
  /** Beyond so many that wait, the hole is given up. */
  readonly maxPackets?: number;
}

/** Another jump than that, either way, is a sender that started over (RFC 3550 appendix A.1, MAX_DROPOUT). */
const maxJump = 3_000;

/** Brings packets into the order in which they were sent: what was lost on the way here is sent again, and comes late. */
export class Reorder {
  readonly #maxWaitMs: number;
  readonly #maxPackets: number;
  /** By sequence number, counted on beyond 16 bits. */
  readonly #waiting = new Map<number, { readonly packet: RtpPacket; readonly arrivedMs: number }>();
  #next: number | undefined;
  /** Said with the next one that goes out. */
  #lost = 0;

  constructor({ maxWaitMs = 400, maxPackets = 512 }: ReorderOptions = {}) {
    this.#maxWaitMs = maxWaitMs;
    this.#maxPackets = maxPackets;
  }

  /** Takes a packet; answers what can go on now. What came twice, or after it was given up, is dropped. */
  push(packet: RtpPacket, nowMs: number): OrderedPacket[] {
    this.#next ??= packet.sequence;
    // As nearly all come.
    if (this.#waiting.size === 0 && sequenceAhead(packet.sequence, this.#next) === 0) {
      return [this.#take(this.#next, { packet, arrivedMs: nowMs })];
    }
    const ahead = sequenceAhead(packet.sequence, this.#next);
    const before: OrderedPacket[] = [];
    let sequence = this.#next + ahead;
    if (Math.abs(ahead) > maxJump) {
      before.push(...this.flush());
      this.#lost = 1;
      sequence = packet.sequence;
      this.#next = sequence;
    } else if (ahead < 0) return before;
    if (!this.#waiting.has(sequence)) this.#waiting.set(sequence, { packet, arrivedMs: nowMs });
    return [...before, ...this.release(nowMs)];
  }

  /** What can go on by now; to be asked for now and then, as the last packets of a pause have none behind them. */
  release(nowMs: number): OrderedPacket[] {
    const released: OrderedPacket[] = [];
    while (this.#waiting.size > 0 && this.#next !== undefined) {
      const found = this.#waiting.get(this.#next);
      if (found) {
        released.push(this.#take(this.#next, found));
        continue;
      }
      const first = Math.min(...this.#waiting.keys());
      const waitedMs = nowMs - (this.#waiting.get(first)?.arrivedMs ?? nowMs);
      if (waitedMs < this.#maxWaitMs && this.#waiting.size <= this.#maxPackets) break;
      this.#skipTo(first);
    }
    return released;
  }

  /** All that waits. */
  flush(): OrderedPacket[] {
    return this.release(Number.POSITIVE_INFINITY);
  }

  #take(sequence: number, { packet, arrivedMs }: { packet: RtpPacket; arrivedMs: number }): OrderedPacket {
    this.#waiting.delete(sequence);
    this.#next = sequence + 1;
    const lost = this.#lost;
    this.#lost = 0;
    return { packet, arrivedMs, lost };
  }

  #skipTo(sequence: number): void {
    this.#lost += sequence - (this.#next ?? sequence);
    this.#next = sequence;
  }
}
