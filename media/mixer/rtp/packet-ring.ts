import type { RtpPacket } from './rtp-packet.ts';
import { sequenceAhead } from './serial-numbers.ts';

/** A place for one packet. */
export interface Slot {
  packet: RtpPacket | undefined;
  /** Took a number, and is no voice. */
  isPassed: boolean;
  arrivedMs: number;
  /** When it is to be heard, in the sender's time. */
  mediaMs: number;
  /** How long it is heard. */
  ms: number;
}

/** In packets: 1.2 s of the shortest ones. A power of two, so that places go round with the numbers' 16 bits. */
const capacity = 128;

/** Packets that wait for their turn, in the order of their numbers. */
export class PacketRing {
  readonly #slots: readonly Slot[] = Array.from({ length: capacity }, () => ({
    packet: undefined,
    isPassed: false,
    arrivedMs: 0,
    mediaMs: 0,
    ms: 0,
  }));
  /** The number that is next in turn; undefined before the first packet. */
  #next: number | undefined;
  /** How many places from the next on may be in use. */
  #span = 0;
  #packets = 0;
  /** Its turn has come and gone for something. */
  #hasTurned = false;

  get packets(): number {
    return this.#packets;
  }

  /**
   * The place for a number. `late`: its turn has gone by. `duplicate`: it was here before. A number that is too far ahead is
   * of another stream: nothing of the one before stays.
   */
  place(sequence: number): Slot | 'late' | 'duplicate' {
    const next = this.#next ?? sequence;
    const ahead = sequenceAhead(sequence, next);
    const isOvertaken = ahead < 0 && !this.#hasTurned && this.#span - ahead <= capacity;
    if (ahead >= capacity || (ahead <= -capacity && !isOvertaken)) this.clear();
    else if (ahead < 0 && !isOvertaken) return 'late';
    if (this.#next === undefined || isOvertaken) {
      this.#span = this.#next === undefined ? 1 : this.#span - ahead;
      this.#next = sequence;
    } else this.#span = Math.max(this.#span, ahead + 1);
    const slot = this.#slotAt(sequence);
    return slot.packet || slot.isPassed ? 'duplicate' : slot;
  }

  fill(slot: Slot, packet: RtpPacket): void {
    slot.packet = packet;
    this.#packets += 1;
  }

  /** The first packet; undefined: there is none. */
  head(): Slot | undefined {
    if (this.#packets === 0) return undefined;
    for (let ahead = 0; ahead < this.#span; ahead++) {
      const slot = this.#slotAt((this.#next ?? 0) + ahead);
      if (slot.packet) return slot;
    }
    return undefined;
  }

  /** How many numbers before that of the head are missing. */
  missingBefore({ packet }: Slot): number {
    return packet ? sequenceAhead(packet.sequence, this.#next ?? 0) : 0;
  }

  /** Goes over what is next in turn and no voice; whether there was any. */
  skipPassed(): boolean {
    let hasSkipped = false;
    while (this.#span > 0 && this.#slotAt(this.#next ?? 0).isPassed) {
      this.#advance(1);
      hasSkipped = true;
    }
    return hasSkipped;
  }

  /** Takes the head out, and gives up what is missing before it. */
  remove(head: Slot): void {
    this.#hasTurned = true;
    this.#advance(this.missingBefore(head) + 1);
  }

  /** Gives up whatever is not here by now, where no packet is. */
  giveUp(): void {
    if (this.#packets === 0) this.#advance(this.#span);
  }

  clear(): void {
    for (const slot of this.#slots) empty(slot);
    this.#next = undefined;
    this.#span = 0;
    this.#packets = 0;
    this.#hasTurned = false;
  }

  #advance(numbers: number): void {
    for (let step = 0; step < numbers; step++) {
      const slot = this.#slotAt((this.#next ?? 0) + step);
      if (slot.packet) this.#packets -= 1;
      empty(slot);
    }
    if (this.#next !== undefined) this.#next = (this.#next + numbers) & 0xffff;
    this.#span = Math.max(0, this.#span - numbers);
  }

  #slotAt(sequence: number): Slot {
    const slot = this.#slots[sequence & (capacity - 1)];
    if (!slot) throw new RangeError(`No place for ${sequence}.`);
    return slot;
  }
}

function empty(slot: Slot): void {
  slot.packet = undefined;
  slot.isPassed = false;
}
