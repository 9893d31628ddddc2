import type { MediaKind } from './media.ts';

/** A codec that every router speaks, in the shape of the contract's RtpCodecCapability. */
export interface RouterCodec {
  readonly kind: MediaKind;
  readonly mimeType: string;
  readonly clockRate: number;
  readonly channels?: number;
  /** Fixed where phones expect it; the others get a free dynamic one. */
  readonly preferredPayloadType?: number;
  readonly parameters?: Readonly<Record<string, string | number>>;
}

/**
 * What every room can carry, in the order of preference. Nothing is transcoded: a client receives what another sends.
 * A router sends with the payload types of this list, so the ones that phones use are fixed here: a call between a
 * phone and a browser needs no rewriting. PCMU, PCMA and G722 have theirs from RFC 3551 section 6 (G722's clock rate
 * of 8000 is the error that section 4.5.2 keeps alive); Opus at 107 and telephone-event (RFC 4733) at 101 are custom.
 */
export const routerCodecs: readonly RouterCodec[] = [
  {
    kind: 'audio',
    mimeType: 'audio/opus',
    clockRate: 48_000,
    channels: 2,
    preferredPayloadType: 107,
    // In-band forward error correction: a lost packet is rebuilt from the next (RFC 7587 section 6.1).
    parameters: { useinbandfec: 1 },
  },
  { kind: 'audio', mimeType: 'audio/PCMU', clockRate: 8000, preferredPayloadType: 0 },
  { kind: 'audio', mimeType: 'audio/PCMA', clockRate: 8000, preferredPayloadType: 8 },
  { kind: 'audio', mimeType: 'audio/G722', clockRate: 8000, preferredPayloadType: 9 },
  { kind: 'audio', mimeType: 'audio/telephone-event', clockRate: 8000, preferredPayloadType: 101 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90_000, parameters: { 'profile-id': 0 } },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90_000, parameters: { 'profile-id': 2 } },
  // Constrained Baseline, which every browser and phone decodes, then Main (RFC 6184 section 8.1).
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90_000,
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90_000,
    parameters: { 'packetization-mode': 1, 'profile-level-id': '4d0032', 'level-asymmetry-allowed': 1 },
  },
  { kind: 'video', mimeType: 'video/AV1', clockRate: 90_000 },
];

/** What tells codecs of one MIME type from each other. */
const distinguishing = ['packetization-mode', 'profile-level-id', 'profile-id'];

/** As in `audio/opus` or `video/H264;packetization-mode=1;profile-level-id=42e01f`. */
export function codecKey({ mimeType, parameters = {} }: Pick<RouterCodec, 'mimeType' | 'parameters'>): string {
  const told = distinguishing.filter((name) => name in parameters).map((name) => `${name}=${parameters[name]}`);
  return [mimeType, ...told].join(';');
}
