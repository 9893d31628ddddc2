import { parseAddress } from '../../../core/ip-address.ts';
import { refuseSdp } from '../../sdp/sdp-values.ts';
import { type CryptoLine, readCryptoLine } from './crypto-line.ts';
import type { LegDirection } from './leg-media.ts';
import { readFormats, type SdpFormat } from './read-formats.ts';
import { readParts, type SdpPart } from './sdp-lines.ts';

/** What a phone describes (RFC 8866, RFC 4566). */
export interface PhoneSdp {
  readonly streams: readonly PhoneStream[];
}

/** One m-line and what follows it. */
export interface PhoneStream {
  /** `audio`, `video`, …, as it was written, to be answered with the same. */
  readonly kind: string;
  readonly protocol: string;
  /** As they were written; kept for a stream that is refused. */
  readonly formats: string;
  /** 0: refused, or over. */
  readonly port: number;
  /** Undefined: it is no audio over RTP that we could take, and nothing else of it was read. */
  readonly audio: PhoneAudio | undefined;
}

export interface PhoneAudio {
  /** Undefined: it named none (0.0.0.0, ::, or a name below .invalid), so nothing may be sent to it. */
  readonly ip: string | undefined;
  readonly rtcp: { readonly ip: string | undefined; readonly port: number };
  readonly rtcpMux: boolean;
  /** From its side. */
  readonly direction: LegDirection;
  readonly formats: readonly SdpFormat[];
  /** RTP/SAVP or RTP/SAVPF: it has to be encrypted. */
  readonly secure: boolean;
  /** Those that we can use, in its order. */
  readonly crypto: readonly CryptoLine[];
  /** It has keys at all. */
  readonly hasCrypto: boolean;
  /** How much of a voice it wants in a packet, and at most. */
  readonly ptimeMs: number | undefined;
  readonly maxPtimeMs: number | undefined;
}

/** RFC 3551, 3711, 4585 and 5124: those whose keys stand in the description. */
const protocols = /^RTP\/(S?)AVPF?$/i;
const token = /^[\w!#$%&'*+\-.^`{|}~/]{1,64}$/;
/** Of an m-line; the further ones, which are the least liked, are passed over. */
const maxFormats = 64;
const directions: readonly LegDirection[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

/** @throws {AppError} SDP_REFUSED */
export function readPhoneSdp(text: string): PhoneSdp {
  const { session, streams } = readParts(text);
  if (streams.length === 0) refuseSdp('it has no section');
  return { streams: streams.map((stream, index) => readStream(session, stream, index)) };
}

function readStream(session: SdpPart, part: SdpPart, index: number): PhoneStream {
  const [kind = '', portText = '', protocol = '', ...formats] = (part.line('m') ?? '').split(/\s+/);
  const port = Number(/^(\d{1,5})(?:\/\d{1,5})?$/.exec(portText)?.[1]);
  if (!token.test(kind) || !token.test(protocol) || !(port <= 65_535)) {
    refuseSdp(`section ${index} is not of the form <media> <port> <protocol> <formats>`);
  }
  // They are written back as they came: nothing but tokens.
  const listed = formats.filter((format) => token.test(format)).slice(0, maxFormats);
  const head = { kind, protocol, port, formats: listed.join(' ') };
  const isRead = kind === 'audio' && port !== 0 && protocols.test(protocol);
  return { ...head, audio: isRead ? readAudio(session, part, head, listed) : undefined };
}

function readAudio(
  session: SdpPart,
  part: SdpPart,
  { port, protocol }: Pick<PhoneStream, 'port' | 'protocol'>,
  listed: readonly string[],
): PhoneAudio {
  const ip = readConnection(part.line('c') ?? session.line('c'));
  return {
    ip,
    rtcp: readRtcp(part, ip, port),
    rtcpMux: part.has('rtcp-mux'),
    direction: directionOf(part) ?? directionOf(session) ?? 'sendrecv',
    formats: readFormats(part, listed),
    secure: /SAVP/i.test(protocol),
    crypto: part
      .attributes('crypto')
      .map(readCryptoLine)
      .filter((line) => line !== undefined),
    hasCrypto: part.has('crypto'),
    ptimeMs: millisecondsOf(part, 'ptime') ?? millisecondsOf(session, 'ptime'),
    maxPtimeMs: millisecondsOf(part, 'maxptime') ?? millisecondsOf(session, 'maxptime'),
  };
}

/** `c=`: undefined for the addresses that stand for none (RFC 3264 section 8.4, RFC 6157). */
function readConnection(line: string | undefined): string | undefined {
  const [, , host = ''] = /^IN\s+IP([46])\s+(\S+)/i.exec(line ?? '') ?? [];
  return host === '' ? refuseSdp('it names no address (c=)') : readHost(host);
}

function readHost(host: string): string | undefined {
  if (host.toLowerCase().endsWith('.invalid')) return undefined;
  const ip = parseAddress(host);
  if (ip === undefined) return refuseSdp('its address (c=) is none: names and multicast are not served');
  if (ip === '0.0.0.0' || ip === '::') return undefined;
  // RFC 5771 and RFC 4291 section 2.7: what we send would reach many.
  const isMany = /^(?:22[4-9]|23\d)\./.test(ip) || ip === '255.255.255.255' || ip.startsWith('ff');
  return isMany ? refuseSdp('its address (c=) is none: names and multicast are not served') : ip;
}

/** RFC 3605; by default the port behind that of RTP. */
function readRtcp(part: SdpPart, ip: string | undefined, port: number): PhoneAudio['rtcp'] {
  const [, said = '', host = ''] =
    /^(\d{1,5})(?:\s+IN\s+IP[46]\s+(\S+))?/i.exec(part.attributes('rtcp')[0] ?? '') ?? [];
  const own = Number(said);
  if (own > 0 && own <= 65_535) return { ip: host === '' ? ip : readHost(host), port: own };
  if (port === 65_535 && !part.has('rtcp-mux')) refuseSdp('its port leaves none for RTCP');
  return { ip, port: Math.min(port + 1, 65_535) };
}

function directionOf(part: SdpPart): LegDirection | undefined {
  return directions.find((direction) => part.has(direction));
}

/** Some phones write fractions. */
function millisecondsOf(part: SdpPart, name: string): number | undefined {
  const [, digits] = /^(\d{1,4})(?:\.\d+)?$/.exec(part.attributes(name)[0] ?? '') ?? [];
  return digits === undefined || Number(digits) === 0 ? undefined : Number(digits);
}
