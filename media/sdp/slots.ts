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
  readonly #slots: Slot[] = [];
  readonly #limit: number;
  #lastMid = -1;

  constructor(limit = defaultLimit) {
    this.#limit = limit;
  }

  /**
   * The mid that the producer has from now on; the same one when it has one.
   * @throws {AppError} TOO_MANY_MEDIA_OBJECTS when all slots are taken.
   */
  assign(producerId: string, kind: MediaKind): string {
    const own = this.#slots.find((slot) => slot.producerId === producerId);
    if (own !== undefined) return own.mid;
    const free = this.#slots.find((slot) => slot.producerId === undefined && slot.kind === kind);
    if (free !== undefined) {
      // A section that was closed opens again under another mid (RFC 8829 section 5.2.2).
      if (free.codecs === undefined) free.mid = this.#nextMid();
      free.producerId = producerId;
      return free.mid;
    }
    if (this.#slots.length >= this.#limit) {
      throw new AppError('TOO_MANY_MEDIA_OBJECTS', { limit: this.#limit, what: 'tracks in one SDP session' });
    }
    const slot: Slot = { mid: this.#nextMid(), kind, producerId, codecs: undefined };
    this.#slots.push(slot);
    return slot.mid;
  }

  /** Does nothing for a producer without a slot. */
  release(producerId: string): void {
    for (const slot of this.#slots) if (slot.producerId === producerId) slot.producerId = undefined;
  }

  /** The client refused the section of this mid in its answer: for it, the section is over. Also frees the slot. */
  refuse(mid: string): void {
    const slot = this.#slots.find((each) => each.mid === mid);
    if (slot === undefined) return;
    slot.producerId = undefined;
    slot.codecs = undefined;
  }

  /** Every section so far, in order. `of` gives the track of a producer; undefined while it has none to offer. */
  sections(of: (producerId: string) => OfferedSection['send']): OfferedSection[] {
    return this.#slots.map((slot) => {
      const send = slot.producerId === undefined ? undefined : of(slot.producerId);
      if (send !== undefined) slot.codecs = send.rtpParameters.codecs;
      return { mid: slot.mid, kind: slot.kind, send, idle: send === undefined ? slot.codecs : undefined };
    });
  }

  #nextMid(): string {
    this.#lastMid += 1;
    return String(this.#lastMid);
  }
}
