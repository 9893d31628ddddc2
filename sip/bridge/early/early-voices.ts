import type { PhoneLeg } from '../../../media/phones/phone-media.ts';
import type { AnsweredPhone } from '../../../signaling/calls/telephony.ts';
import type { PhoneDesk, PhoneJoin, PhonePeer } from '../../../signaling/phones/phone-desk.ts';
import type { Attempt } from '../ringing/attempt.ts';
import { EarlyPeer } from './early-peer.ts';

export interface EarlyVoicesParts {
  readonly desk: PhoneDesk;
  /** Whoever calls by phone hears it from now on. False: nobody does. */
  readonly toCaller: (leg: PhoneLeg) => boolean;
  /** How it comes into the room where others wait for it; undefined: it is not to be heard there. */
  readonly toRoom: (phone: AnsweredPhone) => PhoneJoin | undefined;
}

interface Voice {
  readonly leg: PhoneLeg;
  readonly phone: AnsweredPhone;
}

/**
 * Which of those that ring is heard before it is answered: one at a time, the first that speaks. Two announcements at once would be
 * understood by nobody, and one that changes while it is listened to neither. Where that one comes to nothing, it is the next.
 */
export class EarlyVoices {
  readonly #parts: EarlyVoicesParts;
  /** In the order in which they began to speak. */
  readonly #voices = new Map<Attempt, Voice>();
  #heard: Attempt | undefined;
  #peer: EarlyPeer | undefined;

  constructor(parts: EarlyVoicesParts) {
    this.#parts = parts;
  }

  /** It sends sound. Again: from another place behind the same number, or otherwise than before. */
  speaks(attempt: Attempt, voice: Voice): void {
    this.#voices.set(attempt, voice);
    if (this.#heard === attempt) this.#peer?.showMedia();
    else if (this.#heard === undefined) this.#hear(attempt, voice);
  }

  /** It rings no more. */
  ended(attempt: Attempt): void {
    this.#voices.delete(attempt);
    if (this.#heard !== attempt) return;
    this.#silence();
    for (const [next, voice] of this.#voices) {
      if (this.#heard === undefined) this.#hear(next, voice);
    }
  }

  /** It was answered: the others are heard no more. */
  keep(attempt: Attempt): void {
    this.#voices.clear();
    if (this.#heard !== attempt) this.#silence();
  }

  /** The one that was kept, as the peer that it is in the room already. Undefined: it is in none. @throws {AppError} CALL_OVER */
  async answer(): Promise<PhonePeer | undefined> {
    return this.#peer?.answer();
  }

  /** Nothing is heard any more. After the answer, nothing happens. */
  close(): void {
    this.#voices.clear();
    this.#silence();
  }

  #hear(attempt: Attempt, { leg, phone }: Voice): void {
    const { desk, toCaller, toRoom } = this.#parts;
    if (toCaller(leg)) {
      this.#heard = attempt;
      return;
    }
    const join = toRoom(phone);
    if (join === undefined) return;
    this.#heard = attempt;
    this.#peer = new EarlyPeer(desk, leg, join);
  }

  #silence(): void {
    this.#heard = undefined;
    this.#peer?.leave();
    this.#peer = undefined;
  }
}
