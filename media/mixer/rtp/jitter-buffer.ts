import { PlayoutDelay } from './playout-delay.ts';
import type { RtpPacket } from './rtp-packet.ts';
import { sequenceAhead } from './serial-numbers.ts';

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

/** In packets: 1.2 s of the shortest ones. */
const capacity = 128;
/** Half of the time from one pull to the next: a packet is pulled at the tick that is nearest. */
const halfTickMs = 10;
const silenceMs = 20;
/** Longer than that a guess is noise. */
const maxConcealMs = 120;
/** So long is guessed while nothing is there at all, before it counts as a pause. */
const maxStarvedMs = 60;
/** What waits too long is left out where it is quiet; after so long anywhere. */
const patienceMs = 1_000;
const none = Buffer.alloc(0);

interface Slot {
  packet: RtpPacket | undefined;
  /** Took a number, and is no voice. */
  isPassed: boolean;
  arrivedMs: number;
  /** When it is to be heard, in the sender's time. */
  mediaMs: number;
  ticks: number;
}

/**
 * Holds packets of a voice until their turn, so that those that took longer are in time. It goes by packets of any length:
 * who plays pulls while there is less than a frame to be played, which is once a tick for packets of 20 ms. It follows the
 * path: late packets make it longer at once, quiet seconds shorter bit by bit.
 */
export class JitterBuffer {
  readonly #options: Required<JitterBufferOptions>;
  readonly #slots: readonly Slot[] = Array.from({ length: capacity }, emptySlot);
  #delay: PlayoutDelay;
  /** The sequence number that is next in turn; undefined before the first packet. */
  #next: number | undefined;
  /** How many slots from the next on may be in use, and how many hold voice. */
  #span = 0;
  #voices = 0;
  #hasPlayed = false;
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
  };

  constructor(options: JitterBufferOptions) {
    this.#options = { minMs: 20, maxMs: 120, startMs: 40, noisePayloadType: 13, ...options };
    this.#delay = new PlayoutDelay(this.#options);
  }

  get stats(): JitterBufferStats {
    return { ...this.#counts, delayMs: this.#delayMs, targetMs: this.#delay.targetMs };
  }

  /** Takes a packet of voice, or of comfort noise. */
  push(packet: RtpPacket, nowMs: number): void {
    const isNoise = packet.payloadType === this.#options.noisePayloadType;
    const { clockRate, ticksOf } = this.#options;
    const ticks = isNoise ? (clockRate * silenceMs) / 1000 : ticksOf(packet.payload);
    if (ticks === 0) {
      this.pass(packet.sequence);
      return;
    }
    const mediaMs = this.#delay.arrive(packet.timestamp, nowMs);
    const slot = this.#slotFor(packet.sequence);
    if (!slot) return;
    slot.packet = packet;
    slot.arrivedMs = nowMs;
    slot.mediaMs = mediaMs;
    slot.ticks = ticks;
    this.#voices += 1;
  }

  /** A packet of the stream that is no voice, as those of a digit are: its number is not missing. */
  pass(sequence: number): void {
    const slot = this.#slotFor(sequence);
    if (slot) slot.isPassed = true;
  }

  /**
   * What is to be heard next. `isQuiet`: what was heard last is quiet, so that a packet can be left out unnoticed. The object
   * is used again by the next call.
   */
  pull(nowMs: number, isQuiet = false): Pulled {
    this.#skipPassed();
    this.#dropOld(nowMs);
    const head = this.#head();
    if (!head?.packet) return this.#starve();
    const missing = sequenceAhead(head.packet.sequence, this.#next ?? 0);
    const delayMs = this.#delay.delayOf(head.mediaMs, nowMs);
    const { targetMs } = this.#delay;
    // Whatever its timestamp says, it waits no longer than that.
    const gapMs = nowMs - head.arrivedMs >= this.#options.maxMs ? 0 : head.mediaMs - this.#mediaMs;
    // The sender said nothing for a while, or nothing was to be heard yet: it goes on when the packet's time has come.
    if (!this.#isPlaying || (missing === 0 && gapMs > halfTickMs)) {
      this.#isPlaying = delayMs + halfTickMs >= targetMs || nowMs - head.arrivedMs >= this.#options.maxMs;
      return this.#isPlaying ? this.#play(head, nowMs) : this.#fill('silence', silenceMs);
    }
    if (missing > 0 && gapMs > halfTickMs) return this.#conceal();
    const slackMs = Math.max(silenceMs, this.#frameMs);
    if (delayMs < targetMs - slackMs) {
      this.#mediaMs -= this.#frameMs;
      return this.#conceal();
    }
    this.#overdueMs = delayMs > targetMs + slackMs ? this.#overdueMs + this.#frameMs : 0;
    if (this.#voices > 1 && (this.#overdueMs > patienceMs || (isQuiet && this.#overdueMs > 0))) {
      this.#discard(head);
      return this.pull(nowMs);
    }
    return this.#play(head, nowMs);
  }

  /** Another stream begins: nothing of what waits is heard. The counts stay. */
  reset(): void {
    for (const slot of this.#slots) clear(slot);
    this.#next = undefined;
    this.#span = 0;
    this.#voices = 0;
    this.#hasPlayed = false;
    this.#isPlaying = false;
    this.#isPaused = true;
    this.#overdueMs = 0;
    this.#delay = new PlayoutDelay({ ...this.#options, startMs: this.#delay.targetMs });
  }

  #play(head: Slot, nowMs: number): Pulled {
    const { packet, ticks, mediaMs, arrivedMs } = head;
    const pulled = this.#pulled;
    pulled.kind = 'frame';
    pulled.payload = packet?.payload ?? none;
    pulled.payloadType = packet?.payloadType ?? 0;
    pulled.timestamp = packet?.timestamp ?? 0;
    pulled.marker = packet?.marker ?? false;
    pulled.ticks = ticks;
    pulled.ms = (ticks * 1000) / this.#options.clockRate;
    this.#delayMs = nowMs - arrivedMs;
    this.#mediaMs = mediaMs + pulled.ms;
    this.#isPaused = pulled.payloadType === this.#options.noisePayloadType;
    if (!this.#isPaused) this.#frameMs = pulled.ms;
    this.#concealedInRowMs = 0;
    this.#hasPlayed = true;
    this.#remove(head);
    return pulled;
  }

  /** Nothing is there: it is late, it was lost, or the sender pauses. */
  #starve(): Pulled {
    const isLate = this.#isPlaying && !this.#isPaused && this.#concealedInRowMs < maxStarvedMs;
    if (isLate) return this.#conceal();
    this.#isPlaying = false;
    // What may be among them are packets that are no voice.
    if (this.#next !== undefined) this.#moveTo(this.#span);
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
    for (let head = this.#head(); head?.packet && this.#voices > 1; head = this.#head()) {
      const delayMs = this.#delay.delayOf(head.mediaMs, nowMs);
      const lengthMs = (head.ticks * 1000) / this.#options.clockRate;
      const isOver = head.mediaMs + lengthMs <= this.#mediaMs + halfTickMs;
      if (isOver && delayMs > this.#delay.targetMs + halfTickMs) {
        this.#counts.late += 1;
        this.#remove(head);
      } else if (Math.max(delayMs, nowMs - head.arrivedMs) > this.#options.maxMs + 2 * lengthMs) this.#discard(head);
      else return;
    }
  }

  #discard(head: Slot): void {
    this.#counts.discarded += 1;
    this.#overdueMs = 0;
    this.#mediaMs = head.mediaMs + (head.ticks * 1000) / this.#options.clockRate;
    this.#remove(head);
  }

  #head(): Slot | undefined {
    for (let ahead = 0; ahead < this.#span; ahead++) {
      const slot = this.#slotAt((this.#next ?? 0) + ahead);
      if (slot?.packet) return slot;
    }
    return undefined;
  }

  #skipPassed(): void {
    while (this.#span > 0 && this.#slotAt(this.#next ?? 0)?.isPassed) {
      this.#isPaused = true;
      this.#moveTo(1);
    }
  }

  /** A free slot for the number; undefined: it came twice, or too late. */
  #slotFor(sequence: number): Slot | undefined {
    let ahead = this.#next === undefined ? capacity : sequenceAhead(sequence, this.#next);
    const overtaken = this.#span - ahead;
    if (ahead < 0 && !this.#hasPlayed && overtaken <= capacity) {
      // Overtaken by the first that came.
      this.#next = sequence;
      this.#span = overtaken;
      ahead = 0;
    }
    if (ahead < 0 && ahead > -capacity) {
      this.#counts.late += 1;
      return undefined;
    }
    if (ahead < 0 || ahead >= capacity) {
      for (const slot of this.#slots) clear(slot);
      this.#voices = 0;
      this.#span = 0;
      this.#next = sequence;
      ahead = 0;
    }
    const slot = this.#slotAt(sequence);
    if (!slot || slot.packet || slot.isPassed) {
      this.#counts.duplicates += 1;
      return undefined;
    }
    this.#span = Math.max(this.#span, ahead + 1);
    return slot;
  }

  #slotAt(sequence: number): Slot | undefined {
    return this.#slots[sequence & (capacity - 1)];
  }

  /** Takes a packet out, and gives up those before it. */
  #remove({ packet }: Slot): void {
    if (packet) this.#moveTo(sequenceAhead(packet.sequence, this.#next ?? 0) + 1);
  }

  #moveTo(ahead: number): void {
    for (let step = 0; step < ahead; step++) {
      const slot = this.#slotAt((this.#next ?? 0) + step);
      if (slot?.packet) this.#voices -= 1;
      if (slot) clear(slot);
    }
    this.#next = ((this.#next ?? 0) + ahead) & 0xffff;
    this.#span = Math.max(0, this.#span - ahead);
  }
}

function emptySlot(): Slot {
  return { packet: undefined, isPassed: false, arrivedMs: 0, mediaMs: 0, ticks: 0 };
}

function clear(slot: Slot): void {
  slot.packet = undefined;
  slot.isPassed = false;
}
