import type { PhoneLegOptions } from '../../../media/phones/phone-media.ts';
import type { TrunkMedia } from '../../trunks/route.ts';

/** No RTP for so long ends a call that is not held: a phone that vanished sends no BYE. Comfort noise and RTCP count as well. */
export const silenceTimeoutMs = 30_000;

export interface LegPlace {
  /** For logs. */
  readonly id: string;
  /** What the session description tells this side of the network. */
  readonly announced: string;
  readonly silenceTimeoutMs: number;
  /** Where its INVITE or REGISTER came from. */
  readonly signalledFrom?: string;
  /** A softphone in a browser: by what it offers, or by how it registered. */
  readonly webrtc?: boolean;
}

export function legOptions(media: TrunkMedia, { webrtc = false, ...place }: LegPlace): PhoneLegOptions {
  const { codecs, srtp, inBandDtmf, levelControl, noiseGate, comfortNoise } = media;
  return { ...place, codecs, srtp, inBandDtmf, levelControl, noiseGate, comfortNoise, ...(webrtc && { webrtc }) };
}
