import type { PhoneCodec } from '../../mixer/codecs/voice-codec.ts';
import type { LegMedia } from './leg-media.ts';

export interface PhoneSessionOptions {
  /** Ours, as the other side reaches it: IPv4 or IPv6. */
  readonly address: string;
  readonly port: number;
  /** For those who do not multiplex. */
  readonly rtcpPort: number;
  /** In the order of preference; at least one. */
  readonly codecs: readonly PhoneCodec[];
  readonly srtp: SrtpPolicy;
  /** RFC 3389, where the other side can do it. */
  readonly comfortNoise: boolean;
  /** What we ask for; 20 by default. */
  readonly ptimeMs?: number | undefined;
}

/** SDES (RFC 4568). `optional`: as the other side wants; our offer is one of plain RTP with keys. */
export type SrtpPolicy = 'never' | 'optional' | 'required';

export interface OfferOptions {
  /** Nothing of us is heard, and nothing is taken; as it is when it is left out. Holds from the answer on. */
  readonly hold?: boolean | undefined;
}

/** The offers and answers of one leg (RFC 3264). Pure: what they say is for others to do. */
export interface PhoneOfferAnswer {
  /** What is agreed on now; undefined before the first answer. */
  readonly media: LegMedia | undefined;
  readonly heldByUs: boolean;
  /** The first offer, or another one of a session that stands. One that is refused changes nothing. */
  makeOffer(options?: OfferOptions): string;
  /** To the last offer that was made, as often as answers come: early, of other forks, final. @throws {AppError} SDP_REFUSED */
  readAnswer(text: string): LegMedia;
  /** @throws {AppError} SDP_REFUSED, and the session is what it was. */
  answerOffer(text: string): { readonly sdp: string; readonly media: LegMedia };
}
