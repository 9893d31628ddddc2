import { isIPv6 } from 'node:net';
import { type CryptoLine, writeCryptoLine } from './crypto-line.ts';
import type { LegDirection } from './leg-media.ts';
import type { SdpFormat } from './read-formats.ts';

/** Our end of the call's audio. */
export interface WrittenAudio {
  readonly address: string;
  readonly port: number;
  readonly rtcpPort: number;
  readonly rtcpMux: boolean;
  readonly protocol: string;
  readonly formats: readonly Omit<SdpFormat, 'parameters'>[];
  readonly crypto: readonly CryptoLine[];
  readonly direction: LegDirection;
  readonly ptimeMs: number;
}

/** A stream that is not served. */
export interface WrittenRefusal {
  readonly kind: string;
  readonly protocol: string;
  readonly formats: string;
}

/** As long as packets may be that we take. */
const maxPtimeMs = 60;

const rtpmaps: Readonly<Record<SdpFormat['name'], (clockRate: number) => string>> = {
  PCMU: () => 'PCMU/8000',
  PCMA: () => 'PCMA/8000',
  G722: () => 'G722/8000',
  opus: () => 'opus/48000/2',
  CN: () => 'CN/8000',
  'telephone-event': (clockRate) => `telephone-event/${clockRate}`,
};

/** The sixteen digits of RFC 4733; and in Opus, losses mended by the packet that follows. */
const parameters: Partial<Record<SdpFormat['name'], string>> = {
  'telephone-event': '0-15',
  opus: 'useinbandfec=1',
};

export function writeAudio(audio: WrittenAudio): readonly string[] {
  const { address, port, rtcpPort, rtcpMux, formats } = audio;
  return [
    `m=audio ${port} ${audio.protocol} ${formats.map(({ payloadType }) => payloadType).join(' ')}`,
    `c=${connectionOf(address)}`,
    ...formats.flatMap(writeFormat),
    `a=ptime:${audio.ptimeMs}`,
    `a=maxptime:${maxPtimeMs}`,
    ...(rtcpPort === port + 1 ? [] : [`a=rtcp:${rtcpPort}`]),
    ...(rtcpMux ? ['a=rtcp-mux'] : []),
    ...audio.crypto.map(writeCryptoLine),
    `a=${audio.direction}`,
  ];
}

/** RFC 3264 section 6: port 0, and at least one format. */
export function writeRefusal({ kind, protocol, formats }: WrittenRefusal): readonly string[] {
  return [`m=${kind} 0 ${protocol} ${formats === '' ? '0' : formats}`];
}

/** All but the origin, whose version hangs on whether this is new. */
export function writeSession(address: string, streams: readonly (readonly string[])[]): readonly string[] {
  return ['s=-', `c=${connectionOf(address)}`, 't=0 0', ...streams.flat()];
}

export function writeOrigin(id: string, version: number, address: string): string {
  return `o=- ${id} ${version} ${connectionOf(address)}`;
}

function connectionOf(address: string): string {
  return `IN IP${isIPv6(address) ? 6 : 4} ${address}`;
}

function writeFormat({ payloadType, name, clockRate }: Omit<SdpFormat, 'parameters'>): readonly string[] {
  const fmtp = parameters[name];
  return [
    `a=rtpmap:${payloadType} ${rtpmaps[name](clockRate)}`,
    ...(fmtp === undefined ? [] : [`a=fmtp:${payloadType} ${fmtp}`]),
  ];
}
