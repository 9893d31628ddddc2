// How loud an RTP packet is, without decoding it: by its header extension, or by G.711's own code.

import type { RtpParameters } from '../../proto/gen/types.ts';

/** RFC 6464. */
export const audioLevelUri = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';

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
    return (packet) => (isOf(packet, payloadType) ? (extensionLevel(packet, extensionId) ?? 'unknown') : undefined);
  }
  const squares = squaresOf[codecs[0]?.mimeType.toLowerCase() ?? ''];
  return squares && ((packet) => (isOf(packet, payloadType) ? energyLevel(payloadOf(packet), squares) : undefined));
}

function isOf(packet: Buffer, payloadType: number): boolean {
  // RTCP comes on the same port, and is told apart by this byte (RFC 5761 section 4).
  return packet.length >= fixedHeaderBytes && ((packet[1] ?? 0) & 0x7f) === payloadType;
}

const fixedHeaderBytes = 12;
const silenceDbov = -127;

/** RFC 3550 section 5.1: where the extension, or the payload, begins. */
function afterSources(packet: Buffer): number {
  return fixedHeaderBytes + 4 * ((packet[0] ?? 0) & 0x0f);
}

function hasExtension(packet: Buffer): boolean {
  return ((packet[0] ?? 0) & 0x10) !== 0 && packet.length >= afterSources(packet) + 4;
}

/** RFC 8285: elements with one byte of header (0xBEDE) or two (0x100 and four bits for the application). */
function extensionLevel(packet: Buffer, wanted: number): number | undefined {
  if (!hasExtension(packet)) return undefined;
  const at = afterSources(packet);
  const profile = packet.readUInt16BE(at);
  const end = Math.min(packet.length, at + 4 + 4 * packet.readUInt16BE(at + 2));
  const isShort = profile === 0xbede;
  if (!isShort && profile >> 4 !== 0x100) return undefined;
  for (let next = at + 4; next < end; ) {
    const head = packet[next] ?? 0;
    // Padding between elements.
    if (head === 0) {
      next += 1;
      continue;
    }
    const id = isShort ? head >> 4 : head;
    // RFC 8285 section 4.2: 15 ends it.
    if (isShort && id === 15) return undefined;
    const length = isShort ? (head & 0x0f) + 1 : (packet[next + 1] ?? 0);
    const data = next + (isShort ? 1 : 2);
    // The highest bit says whether the sender thinks it is a voice; each decides that its own way.
    if (id === wanted) return length > 0 && data < end ? 0 - ((packet[data] ?? 0) & 0x7f) : undefined;
    next = data + length;
  }
  return undefined;
}

function payloadOf(packet: Buffer): Buffer {
  let from = afterSources(packet);
  if (hasExtension(packet)) from += 4 + 4 * packet.readUInt16BE(from + 2);
  const padding = ((packet[0] ?? 0) & 0x20) === 0 ? 0 : (packet[packet.length - 1] ?? 0);
  return packet.subarray(from, Math.max(from, packet.length - padding));
}

function energyLevel(payload: Buffer, squares: Float64Array): number | undefined {
  if (payload.length === 0) return undefined;
  let sum = 0;
  for (const code of payload) sum += squares[code] ?? 0;
  const mean = sum / payload.length;
  return mean === 0 ? silenceDbov : Math.max(silenceDbov, Math.round(10 * Math.log10(mean)));
}

/** The square of each code's sample, of a full scale of 1. */
function tabulate(expand: (code: number) => number): Float64Array {
  return Float64Array.from({ length: 256 }, (_, code) => (expand(code) / 32_768) ** 2);
}

/** ITU-T G.711, table 2a: the bits come inverted. */
function expandMuLaw(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4)) - 0x84;
  return bits & 0x80 ? -magnitude : magnitude;
}

/** ITU-T G.711, table 1a: even bits come inverted. */
function expandALaw(code: number): number {
  const bits = code ^ 0x55;
  const segment = (bits & 0x70) >> 4;
  const step = ((bits & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

const squaresOf: Readonly<Record<string, Float64Array>> = {
  'audio/pcmu': tabulate(expandMuLaw),
  'audio/pcma': tabulate(expandALaw),
};
