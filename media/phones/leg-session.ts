import type { LegMedia } from './sdp/leg-media.ts';
import { PhoneSession, type PhoneSessionOptions } from './sdp/phone-session.ts';

/** The offers and answers of a leg, and what they agree on (RFC 3264). */
export interface LegSession {
  /** Undefined before the first answer. */
  readonly media: LegMedia | undefined;
  readonly heldByUs: boolean;
  readonly encrypted: boolean;
  offer(options: { readonly hold?: boolean | undefined }): Promise<string>;
  /** @throws {AppError} SDP_REFUSED, and the session is what it was. */
  takeAnswer(sdp: string): Promise<LegMedia>;
  /** @throws {AppError} SDP_REFUSED, and the session is what it was. */
  answer(offer: string): Promise<{ readonly sdp: string; readonly media: LegMedia }>;
  close(): void;
}

/** With a phone that speaks RTP, plain or with keys of its SDP. */
export function createRtpSession(options: PhoneSessionOptions): LegSession {
  const session = new PhoneSession(options);
  return {
    get media() {
      return session.media;
    },
    get heldByUs() {
      return session.heldByUs;
    },
    get encrypted() {
      return session.media?.srtp !== undefined;
    },
    offer: async (offerOptions) => session.makeOffer(offerOptions),
    takeAnswer: async (sdp) => session.readAnswer(sdp),
    answer: async (offer) => session.answerOffer(offer),
    close() {},
  };
}
