// The sections of descriptions that the server writes.

import { isIPv4, isIPv6 } from 'node:net';
import type { MediaDescription } from 'sdp-transform';
import type { IceCandidate, JsonScalar, RtpCodecParameters, RtpParameters } from '../../proto/gen/types.ts';
import type { MediaKind } from '../media.ts';
import type { SdpDirection, SdpSection, SentTrack, ServerEnd } from './types.ts';

type Writable = MediaDescription & { type: string };

/** RFC 8829 section 5.2.1: what stands where no address is meant. */
const noAddress = { version: 4, ip: '0.0.0.0' } as const;
const discardPort = 9;

/** Port 0 (RFC 3264 section 6). The format has to be there and is not read. */
export function closedMedia({ kind, mid, protocol }: Pick<SdpSection, 'kind' | 'mid' | 'protocol'>): Writable {
  return {
    type: kind,
    port: 0,
    protocol,
    payloads: kind === 'application' ? 'webrtc-datachannel' : '0',
    connection: noAddress,
    direction: 'inactive',
    ...(mid === '' ? {} : { mid }),
    rtp: [],
    fmtp: [],
  };
}

/** The transport's part of an open section; only the first one of a description has candidates. */
export interface OpenMedia {
  readonly mid: string;
  readonly protocol: string;
  readonly setup: 'actpass' | 'active' | 'passive';
  readonly server: ServerEnd;
  readonly candidates: boolean;
}

type OpenPart = Omit<Writable, 'type' | 'payloads' | 'rtp' | 'fmtp'>;

function openMedia({ mid, protocol, setup, server, candidates }: OpenMedia): OpenPart {
  const { usernameFragment, password } = server.iceParameters;
  const { fingerprints } = server.dtlsParameters;
  // One hash is enough, and this one everybody has to know (RFC 8122 section 5).
  const fingerprint = fingerprints.find(({ algorithm }) => algorithm === 'sha-256') ?? fingerprints[0];
  return {
    ...addressOf(server.iceCandidates),
    protocol,
    iceUfrag: usernameFragment,
    icePwd: password,
    ...(fingerprint ? { fingerprint: { type: fingerprint.algorithm, hash: fingerprint.value } } : {}),
    setup,
    ...(mid === '' ? {} : { mid }),
    ...(candidates ? writtenCandidates(server.iceCandidates) : {}),
  };
}

/** RFC 8839 section 4.2.1.2: the default destination is one of the candidates, where they are known. */
function addressOf(candidates: readonly IceCandidate[]): Pick<Writable, 'port' | 'connection'> {
  const first = candidates.find(({ protocol }) => protocol === 'udp');
  const ip = first?.address || first?.ip || '';
  const version = isIPv4(ip) ? 4 : isIPv6(ip) ? 6 : undefined;
  if (first === undefined || version === undefined) return { port: discardPort, connection: noAddress };
  return { port: first.port, connection: { version, ip } };
}

export function writtenCandidates(
  candidates: readonly IceCandidate[],
): Required<Pick<MediaDescription, 'candidates' | 'endOfCandidates'>> {
  return {
    candidates: candidates.map(({ foundation, protocol, priority, address, ip, port, type, tcpType }) => ({
      foundation,
      component: 1,
      transport: protocol,
      priority,
      ip: address || ip,
      port,
      type,
      ...(tcpType === undefined ? {} : { tcptype: tcpType }),
    })),
    // There is nothing to wait for: the server knows its addresses.
    endOfCandidates: 'end-of-candidates',
  };
}

export function dataMedia(open: OpenMedia): Writable {
  const { sctp } = open.server;
  if (sctp === undefined) throw new Error('a section of data needs a transport with SCTP');
  return {
    ...openMedia(open),
    type: 'application',
    payloads: 'webrtc-datachannel',
    rtp: [],
    fmtp: [],
    sctpPort: sctp.port,
    maxMessageSize: sctp.maxMessageSize,
  };
}

export interface TrackMedia extends OpenMedia {
  readonly kind: MediaKind;
  readonly direction: SdpDirection;
  readonly codecs: readonly RtpCodecParameters[];
  readonly headerExtensions: RtpParameters['headerExtensions'];
  readonly reducedSize: boolean;
}

export function trackMedia(track: TrackMedia): Writable {
  const { kind, direction, codecs, headerExtensions, reducedSize } = track;
  return {
    ...openMedia(track),
    type: kind,
    payloads: codecs.map(({ payloadType }) => payloadType).join(' '),
    direction,
    rtcpMux: 'rtcp-mux',
    // RFC 8858; RFC 9725 section 4.4.1 asks for it. The writer has no name for it.
    invalid: [{ value: 'rtcp-mux-only' }],
    ...(reducedSize ? { rtcpRsize: 'rtcp-rsize' as const } : {}),
    rtp: codecs.map(({ payloadType, mimeType, clockRate, channels }) => ({
      payload: payloadType,
      codec: mimeType.slice(mimeType.indexOf('/') + 1),
      rate: clockRate,
      ...(channels !== undefined && channels > 1 ? { encoding: channels } : {}),
    })),
    fmtp: codecs.flatMap(({ payloadType, parameters }) => {
      const config = formatOf(parameters);
      return config === '' ? [] : [{ payload: payloadType, config }];
    }),
    rtcpFb: codecs.flatMap(({ payloadType, rtcpFeedback }) =>
      rtcpFeedback.map(({ type, parameter }) => ({
        payload: payloadType,
        type,
        ...(parameter === '' ? {} : { subtype: parameter }),
      })),
    ),
    ext: headerExtensions.map(({ uri, id }) => ({ value: id, uri })),
  };
}

function formatOf(parameters: Readonly<Record<string, JsonScalar>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => (value === '' ? name : `${name}=${typeof value === 'boolean' ? Number(value) : value}`))
    .join(';');
}

/** What tells a receiver which track a section carries: RFC 8830 and, for clients that do not know the mid's extension, RFC 5576. */
export function sentTrack({
  rtpParameters,
  streamId,
  trackId,
}: SentTrack): Pick<MediaDescription, 'msid' | 'ssrcs' | 'ssrcGroups'> {
  const [encoding] = rtpParameters.encodings;
  const cname = rtpParameters.rtcp?.cname ?? streamId;
  const ssrcs = [encoding?.ssrc, encoding?.rtx?.ssrc].filter((ssrc) => ssrc !== undefined);
  return {
    msid: [{ id: streamId, appdata: trackId }],
    ssrcs: ssrcs.map((id) => ({ id, attribute: 'cname', value: cname })),
    ...(ssrcs.length === 2 ? { ssrcGroups: [{ semantics: 'FID', ssrcs: ssrcs.join(' ') }] } : {}),
  };
}
