import { PacketRing, type Slot } from './packet-ring.ts';
import { PlayoutDelay } from './playout-delay.ts';
import type { RtpPacket } from './rtp-packet.ts';

export interface JitterBufferOptions {
  /** Of the codec's timestamps, Hz. */
  readonly clockRate: number;
  /** How long a payload sounds, in ticks of that clock; 0: it is none. */
  readonly ticksOf: (payload: Uint8Array) => number;
  /** How long packets wait at least, at most, and before anything is known of the path. */
  readonly minMs?: number;
  readonly maxMs?: number;
  readonly startMs?: number;
  /** Of comfort noise (RFC 3389): after such a packet a pause is meant. */
  readonly noisePayloadType?: number;
}

/**
 * What is to be heard next. `frame`: the payload of one packet. `conceal`: one is missing. `silence`: nothing is said, or
 * nothing was for so long that a guess would be noise.
 */
export interface Pulled {
  readonly kind: 'frame' | 'conceal' | 'silence';
  /** Of the frame; empty in the others. */
  readonly payload: Buffer;
  readonly payloadType: number;
  readonly timestamp: number;
  readonly marker: boolean;
  /** How long it is heard, in ticks of the codec's clock, and in ms. */
  readonly ticks: number;
  readonly ms: number;
  /** The payload right behind what is missing, where it is here: Opus may tell in it what was before it. */
  readonly next: Buffer | undefined;
}

export interface JitterBufferStats {
  /** How long the last frame has waited here, and how long packets shall. */
  readonly delayMs: number;
  readonly targetMs: number;
  /** Came after they were to be heard. */
  readonly late: number;
  readonly duplicates: number;
  /** Left out, so that what follows is heard sooner. */
  readonly discarded: number;
  readonly concealedMs: number;
}

/** Half of the time from one pull to the next: a packet is pulled at the tick that is nearest. */
const halfTickMs = 10;
const silenceMs = 20;
/** Longer than that a guess is noise. */
const maxConcealMs = 120;
/** So long is guessed while nothing is there at all, before it counts as a pause. */
const maxStarvedMs = 60;
/** What waits too long is left out where it is quiet; after so long anywhere, one packet at a time. */
const patienceMs = 300;
const none = Buffer.alloc(0);

/**
 * Holds packets of a voice until their turn, so that those that took longer are in time. It goes by packets of any length:
 * who plays pulls while there is less than a frame to be played, which is once a tick for packets of 20 ms. It follows the
 * path: late packets make it longer at once, and one or two seconds in which none was late shorter.
 */
export class JitterBuffer {
  readonly #options: Required<JitterBufferOptions>;
  readonly #ring = new PacketRing();
  #delay: PlayoutDelay;
  #isPlaying = false;
  /** Nothing is missing when nothing comes. */
  #isPaused = true;
  /** Where playing is, in the sender's time. */
  #mediaMs = 0;
  #frameMs = silenceMs;
  #concealedInRowMs = 0;
  #overdueMs = 0;
  #delayMs = 0;
  readonly #counts = { late: 0, duplicates: 0, discarded: 0, concealedMs: 0 };
  readonly #pulled: { -readonly [Field in keyof Pulled]: Pulled[Field] } = {
    kind: 'silence',
    payload: none,
    payloadType: 0,
    timestamp: 0,
    marker: false,
    ticks: 0,
    ms: 0,
    next: undefined,
  };

  constructor(options: JitterBufferOptions) {
    this.#options = { minMs: 20, maxMs: 120, startMs: 40, noisePayloadType: 13, ...options };
    this.#delay = new PlayoutDelay(this.#options);
  }

  get stats(): JitterBufferStats {
    return { ...this.#counts, delayMs: this.#delayMs, targetMs: this.#delay.targetMs };
  }

  /**
   * Takes a packet of voice, or of comfort noise. `sinceMs`: it may have waited to be read since then, as we were late; that is
   * no jitter of the path.
   */
  push(packet: RtpPacket, nowMs: number, sinceMs = nowMs): void {
    const isNoise = packet.payloadType === this.#options.noisePayloadType;
    const { clockRate, ticksOf } = this.#options;
    const ticks = isNoise ? (clockRate * silenceMs) / 1000 : ticksOf(packet.payload);
    if (ticks === 0) {
      this.pass(packet.sequence);
      return;
    }
    const place = this.#ring.place(packet.sequence);
    if (place === 'duplicate') {
      this.#counts.duplicates += 1;
      return;
    }
    const mediaMs = this.#delay.arrive(packet.timestamp, nowMs, sinceMs);
    if (place === 'late') {
      this.#counts.late += 1;
      return;
    }
    // As for lateness: what we were late by, it was here before.
    const readLateMs = Math.max(0, this.#delay.delayOf(mediaMs, nowMs));
    place.arrivedMs = nowMs - Math.min(readLateMs, nowMs - sinceMs);
    place.mediaMs = mediaMs;
    place.ms = (ticks * 1000) / clockRate;
    this.#ring.fill(place, packet);
  }

  /** A packet of the stream that is no voice, as those of a digit are: its number is not missing. */
  pass(sequence: number): void {
    const place = this.#ring.place(sequence);
    if (typeof place === 'object') place.isPassed = true;
  }

  /**
   * What is to be heard next. `isQuiet`: what was heard last is quiet, so that a packet can be left out unnoticed. The object
   * is used again by the next call.
   */
  pull(nowMs: number, isQuiet = false): Pulled {
    // Where a digit took the numbers, the voice pauses.
    if (this.#ring.skipPassed()) this.#isPaused = true;
    this.#dropOld(nowMs);
    const head = this.#ring.head();
    if (!head) return this.#starve();
    const missing = this.#ring.missingBefore(head);
    const delayMs = this.#delay.delayOf(head.mediaMs, nowMs);
    const { targetMs } = this.#delay;
    // Whatever its timestamp says, it waits no longer than that.
    const gapMs = nowMs - head.arrivedMs >= this.#options.maxMs ? 0 : head.mediaMs - this.#mediaMs;
    // The sender said nothing for a while, or nothing was to be heard yet: it goes on when the packet's time has come.
    if (!this.#isPlaying || (missing === 0 && gapMs > halfTickMs)) {
      this.#isPlaying = delayMs + halfTickMs >= targetMs || nowMs - head.arrivedMs >= this.#options.maxMs;
      return this.#isPlaying ? this.#play(head, nowMs) : this.#fill('silence', silenceMs);
    }
    if (missing > 0 && gapMs > halfTickMs) {
      this.#conceal();
      if (gapMs < 1.5 * this.#frameMs) this.#pulled.next = head.packet?.payload;
      return this.#pulled;
    }
    const slackMs = this.#slackMs;
    if (delayMs < targetMs - slackMs) {
      this.#mediaMs -= this.#frameMs;
      return this.#conceal();
    }
    // What is left without the head is still as much as when playing begins.
    const isOverdue = delayMs >= targetMs + slackMs - halfTickMs;
    this.#overdueMs = isOverdue ? this.#overdueMs + this.#frameMs : 0;
    if (this.#ring.packets > 1 && (this.#overdueMs > patienceMs || (isQuiet && this.#overdueMs > 0))) {
      this.#discard(head);
      return this.pull(nowMs);
    }
    return this.#play(head, nowMs);
  }

  /** Nothing of what waits is heard. What is known of the path stays, as the stream goes on some time. */
  clear(): void {
    this.#ring.clear();
    this.#isPlaying = false;
    this.#isPaused = true;
    this.#overdueMs = 0;
  }

  /** Another stream begins: nothing of what waits is heard. The counts stay. */
  reset(): void {
    this.clear();
    this.#delay = new PlayoutDelay({ ...this.#options, startMs: this.#delay.targetMs });
  }

  #play(head: Slot, nowMs: number): Pulled {
    const { packet, ms, mediaMs, arrivedMs } = head;
    const pulled = this.#pulled;
    pulled.kind = 'frame';
    pulled.next = undefined;
    pulled.payload = packet?.payload ?? none;
    pulled.payloadType = packet?.payloadType ?? 0;
    pulled.timestamp = packet?.timestamp ?? 0;
    pulled.marker = packet?.marker ?? false;
    pulled.ticks = (ms * this.#options.clockRate) / 1000;
    pulled.ms = ms;
    this.#delayMs = nowMs - arrivedMs;
    this.#mediaMs = mediaMs + ms;
    this.#isPaused = pulled.payloadType === this.#options.noisePayloadType;
    if (!this.#isPaused) this.#frameMs = ms;
    this.#concealedInRowMs = 0;
    this.#ring.remove(head);
    return pulled;
  }

  /** Nothing is there: it is late, it was lost, or the sender pauses. */
  #starve(): Pulled {
    const isLate = this.#isPlaying && !this.#isPaused && this.#concealedInRowMs < maxStarvedMs;
    if (isLate) return this.#conceal();
    this.#isPlaying = false;
    // What may be among them are packets that are no voice.
    this.#ring.giveUp();
    return this.#fill('silence', silenceMs);
  }

  #conceal(): Pulled {
    const isGuessable = this.#concealedInRowMs < maxConcealMs;
    if (isGuessable) this.#counts.concealedMs += this.#frameMs;
    this.#concealedInRowMs += this.#frameMs;
    return this.#fill(isGuessable ? 'conceal' : 'silence', this.#frameMs);
  }

  #fill(kind: 'conceal' | 'silence', ms: number): Pulled {
    const pulled = this.#pulled;
    pulled.kind = kind;
    pulled.next = undefined;
    pulled.payload = none;
    pulled.payloadType = 0;
    pulled.timestamp = 0;
    pulled.marker = false;
    pulled.ticks = (ms * this.#options.clockRate) / 1000;
    pulled.ms = ms;
    this.#mediaMs += ms;
    return pulled;
  }

  /** Leaves out what came too late for its time, and what a burst or a slower clock of ours has heaped up. */
  #dropOld(nowMs: number): void {
    for (let head = this.#ring.head(); head && this.#ring.packets > 1; head = this.#ring.head()) {
      const { mediaMs, ms, arrivedMs } = head;
      const delayMs = this.#delay.delayOf(mediaMs, nowMs);
      const isOver = mediaMs + ms <= this.#mediaMs + halfTickMs;
      if (isOver && delayMs > this.#delay.targetMs + this.#slackMs - halfTickMs) {
        this.#counts.late += 1;
        this.#ring.remove(head);
      } else if (Math.max(delayMs, nowMs - arrivedMs) > this.#options.maxMs + 2 * ms) this.#discard(head);
      else return;
    }
  }

  /** In whole ticks, at which packets are pulled: one of 30 ms is pulled at the second tick, or at the first. */
  get #slackMs(): number {
    return silenceMs * Math.max(1, Math.ceil(this.#frameMs / silenceMs));
  }

  #discard(head: Slot): void {
    this.#counts.discarded += 1;
    this.#overdueMs = 0;
    this.#mediaMs = head.mediaMs + head.ms;
    this.#ring.remove(head);
  }
}
