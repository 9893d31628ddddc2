import { AppError } from '../../core/errors.ts';
import type { RtpCodecParameters } from '../../proto/gen/types.ts';
import type { MediaKind } from '../media.ts';
import type { OfferedSection } from './types.ts';

const defaultLimit = 40;

interface Slot {
  mid: string;
  readonly kind: MediaKind;
  /** undefined: free. */
  producerId: string | undefined;
  /** What it carried last: lines of a description cannot be taken back (RFC 3264 section 8), and each lists codecs. */
  codecs: readonly RtpCodecParameters[] | undefined;
}

/**
 * The sections of a session in which the server offers tracks. They only ever become more, so a track that ends leaves its
 * section idle for the next one of its kind.
 */
export class OfferSlots {
  readonly #limit: number;
  /** In the order of the offers. */
  readonly #offered: Slot[] = [];
  /** Assigned, and in no offer yet. */
  #waiting: Slot[] = [];
  #lastMid = -1;

  constructor(limit = defaultLimit) {
    this.#limit = limit;
  }

  /**
   * The mid that the producer has from now on; the same one when it has one.
   * @throws {AppError} TOO_MANY_MEDIA_OBJECTS when all slots are taken.
   */
  assign(producerId: string, kind: MediaKind): string {
    const own = [...this.#offered, ...this.#waiting].find((slot) => slot.producerId === producerId);
    if (own !== undefined) return own.mid;
    const free = this.#offered.find((slot) => slot.producerId === undefined && slot.kind === kind);
    if (free !== undefined) {
      // A section that was closed opens again under another mid (RFC 8829 section 5.2.2).
      if (free.codecs === undefined) free.mid = this.#nextMid();
      free.producerId = producerId;
      return free.mid;
    }
    if (this.#offered.length + this.#waiting.length >= this.#limit) {
      throw new AppError('TOO_MANY_MEDIA_OBJECTS', { limit: this.#limit, what: 'tracks in one SDP session' });
    }
    const slot: Slot = { mid: this.#nextMid(), kind, producerId, codecs: undefined };
    this.#waiting.push(slot);
    return slot.mid;
  }

  /** Does nothing for a producer without a slot. */
  release(producerId: string): void {
    this.#waiting = this.#waiting.filter((slot) => slot.producerId !== producerId);
    for (const slot of this.#offered) if (slot.producerId === producerId) slot.producerId = undefined;
  }

  /** The client closed the section of this mid in its answer, which frees the slot. */
  refuse(mid: string): void {
    const slot = this.#offered.find((each) => each.mid === mid);
    if (slot === undefined) return;
    slot.producerId = undefined;
    slot.codecs = undefined;
  }

  /**
   * The sections of the next offer: those of the offers before, in their order, then new ones. `of` gives the track of a
   * producer; a new section whose producer has none yet waits for another offer.
   */
  sections(of: (producerId: string) => OfferedSection['send']): OfferedSection[] {
    const sendOf = ({ producerId }: Slot) => (producerId === undefined ? undefined : of(producerId));
    const ready = new Set(this.#waiting.filter((slot) => sendOf(slot) !== undefined));
    this.#waiting = this.#waiting.filter((slot) => !ready.has(slot));
    this.#offered.push(...ready);
    return this.#offered.map((slot) => {
      const send = sendOf(slot);
      if (send !== undefined) slot.codecs = send.rtpParameters.codecs;
      return { mid: slot.mid, kind: slot.kind, send, idle: send === undefined ? slot.codecs : undefined };
    });
  }

  #nextMid(): string {
    this.#lastMid += 1;
    return String(this.#lastMid);
  }
}
