import type { PhoneLegOptions } from '../../../media/phones/phone-media.ts';
import type { TrunkMedia } from '../../trunks/route.ts';

export interface LegPlace {
  /** For logs. */
  readonly id: string;
  /** What the session description tells this side of the network. */
  readonly announced: string;
  /** Where its INVITE or REGISTER came from. */
  readonly signalledFrom?: string;
  /** A softphone in a browser: by what it offers, or by how it registered. */
  readonly webrtc?: boolean;
}

export function legOptions(media: TrunkMedia, { webrtc = false, ...place }: LegPlace): PhoneLegOptions {
  const { codecs, srtp, inBandDtmf, levelControl, noiseGate, comfortNoise } = media;
  return { ...place, codecs, srtp, inBandDtmf, levelControl, noiseGate, comfortNoise, ...(webrtc && { webrtc }) };
}
