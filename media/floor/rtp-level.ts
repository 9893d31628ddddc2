// How loud an RTP packet is, without decoding it: by its header extension, or by G.711's own code.

import type { RtpParameters } from '../../proto/gen/types.ts';
import { aLaw, type Law, muLaw } from '../mixer/codecs/g711.ts';
import { audioLevelUri, readAudioLevel } from '../mixer/rtp/header-extensions.ts';
import { parseRtp } from '../mixer/rtp/rtp-packet.ts';

/** In dBov, 0 to -127. `unknown`: the packet does not say; undefined: it carries no sound. */
export type ReadLevel = (packet: Buffer) => number | 'unknown' | undefined;

/**
 * How to read what is sent by these parameters; undefined: it cannot be read. `extensionId` is what the audio level is
 * numbered in the packets at hand.
 */
export function levelReaderOf(
  { codecs, headerExtensions }: Pick<RtpParameters, 'codecs' | 'headerExtensions'>,
  { payloadType, extensionId }: { readonly payloadType: number; readonly extensionId: number | undefined },
): ReadLevel | undefined {
  if (extensionId !== undefined && headerExtensions.some(({ uri }) => uri === audioLevelUri)) {
    return (packet) => (isOf(packet, payloadType) ? (readAudioLevel(packet, extensionId) ?? 'unknown') : undefined);
  }
  const squares = squaresOf[codecs[0]?.mimeType.toLowerCase() ?? ''];
  return (
    squares &&
    ((packet) => {
      const parsed = isOf(packet, payloadType) ? parseRtp(packet) : undefined;
      return parsed && energyLevel(parsed.payload, squares);
    })
  );
}

const fixedHeaderBytes = 12;
const silenceDbov = -127;

function isOf(packet: Buffer, payloadType: number): boolean {
  // RTCP comes on the same port, and is told apart by this byte (RFC 5761 section 4).
  return packet.length >= fixedHeaderBytes && ((packet[1] ?? 0) & 0x7f) === payloadType;
}

function energyLevel(payload: Buffer, squares: Float64Array): number | undefined {
  if (payload.length === 0) return undefined;
  let sum = 0;
  for (const code of payload) sum += squares[code] ?? 0;
  const mean = sum / payload.length;
  return mean === 0 ? silenceDbov : Math.max(silenceDbov, Math.round(10 * Math.log10(mean)));
}

/** The square of each code's sample, of a full scale of 1. */
function squaresOfLaw({ expand }: Law): Float64Array {
  return Float64Array.from(expand, (sample) => (sample / 32_768) ** 2);
}

const squaresOf: Readonly<Record<string, Float64Array>> = {
  'audio/pcmu': squaresOfLaw(muLaw),
  'audio/pcma': squaresOfLaw(aLaw),
};
