import type { RtpCapabilities, RtpCodecCapability } from '../../proto/gen/types.ts';
import { subtypeOf } from '../parameter-checks.ts';
import { h264ProfileOf } from './h264-profile.ts';

/** Whether two ends mean the same codec, by mediasoup's rules (`matchCodecs` in its ortc.ts, strict). */
export function isSameCodec(a: RtpCodecCapability, b: RtpCodecCapability): boolean {
  if (a.mimeType.toLowerCase() !== b.mimeType.toLowerCase()) return false;
  if (a.clockRate !== b.clockRate || (a.channels ?? 1) !== (b.channels ?? 1)) return false;
  const isSame = (name: string) => (a.parameters[name] ?? 0) === (b.parameters[name] ?? 0);
  switch (a.mimeType.toLowerCase()) {
    case 'video/h264': {
      const profile = h264ProfileOf(a.parameters);
      return isSame('packetization-mode') && profile !== undefined && profile === h264ProfileOf(b.parameters);
    }
    case 'video/vp9':
      return isSame('profile-id');
    default:
      return true;
  }
}

export function isRtx({ mimeType }: { readonly mimeType: string }): boolean {
  return subtypeOf(mimeType) === 'rtx';
}

/** Goes along with a codec and is none that a track could have: retransmissions, touch tones, comfort noise. */
function isCompanion({ mimeType }: { readonly mimeType: string }): boolean {
  return ['rtx', 'telephone-event', 'cn'].includes(subtypeOf(mimeType));
}

/** The retransmission codec of another one (RFC 4588 section 8.1). */
export function rtxOf(codecs: readonly RtpCodecCapability[], repaired: RtpCodecCapability) {
  return codecs.find((codec) => isRtx(codec) && codec.parameters['apt'] === repaired.preferredPayloadType);
}

/** The first codec of a track that the router has too, as both say it. */
export function firstShared(
  codecs: readonly RtpCodecCapability[],
  router: RtpCapabilities,
): { readonly offered: RtpCodecCapability; readonly routers: RtpCodecCapability } | undefined {
  for (const offered of codecs) {
    if (isCompanion(offered)) continue;
    const routers = router.codecs.find((codec) => isSameCodec(codec, offered));
    if (routers !== undefined) return { offered, routers };
  }
  return undefined;
}
