import { readCodecs } from './read-codecs.ts';
import { readExtensions, readRids, readSimulcast, readSsrcs } from './read-streams.ts';
import { integerOf, isOneOf, refuseSdp, type SdpRecord, textOf } from './sdp-values.ts';
import type { SdpSection } from './types.ts';

const kinds = ['audio', 'video', 'application'] as const;
const directions = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const;
/** RFC 5888 section 4: a token, in the length of the contract. */
const midPattern = /^[\w!#$%&'*+\-.^`{|}~]{1,32}$/;
/** RFC 8866 section 5.14, in the letters that the parser knows. */
const protocolPattern = /^[\w/]{1,32}$/;
/** RFC 5764 section 8 and RFC 8835: RTP over DTLS-SRTP; transports say what they are by their candidates. */
const rtpProtocol = /^(?:(?:UDP|TCP)\/(?:TLS|DTLS)\/)?RTP\/SAVPF?$/;
/** RFC 8841 section 4.2. */
const dataProtocol = /^(?:UDP|TCP)\/DTLS\/SCTP$/;

/** What has to be known of every section before any is read: who shares a transport hangs on it. */
export interface SectionHead extends Pick<SdpSection, 'index' | 'mid' | 'kind' | 'rejected' | 'protocol'> {
  readonly media: SdpRecord;
  /** How problems name it. */
  readonly where: string;
}

export function readHead(media: SdpRecord, index: number): SectionHead {
  const where = `section ${index}`;
  const kind = media['type'];
  if (!isOneOf(kinds, kind)) refuseSdp(`${where} is neither audio nor video nor data`);
  const port = integerOf(media['port'], 0, 65_535);
  if (port === undefined) refuseSdp(`${where} has no port`);
  const protocol = textOf(media['protocol']) ?? '';
  if (!protocolPattern.test(protocol)) refuseSdp(`${where} has no protocol`);
  const mid = textOf(media['mid']);
  if (mid !== undefined && !midPattern.test(mid)) refuseSdp(`${where} has a mid that is not a token`);

  const served = (kind === 'application' ? dataProtocol : rtpProtocol).test(protocol);
  // RFC 9143 section 6: port 0 with bundle-only means that there is no port but the bundle's.
  const closed = port === 0 && media['bundleOnly'] === undefined;
  return { index, mid: mid ?? '', kind, rejected: closed || !served, protocol, media, where };
}

/** A section with nothing in it but what names it in an answer. */
export function closedSection({ index, mid, kind, protocol }: SectionHead): SdpSection {
  return {
    index,
    mid,
    kind,
    protocol,
    rejected: true,
    direction: 'inactive',
    codecs: [],
    extensions: [],
    rids: [],
    simulcastSend: [],
    ssrcs: [],
    sctpPort: undefined,
    reducedSize: false,
  };
}

/** @throws {AppError} SDP_REFUSED */
export function readSection(head: SectionHead, session: SdpRecord): SdpSection {
  const { index, mid, kind, protocol, media, where } = head;
  const said = media['direction'] ?? session['direction'];
  const direction = isOneOf(directions, said) ? said : 'sendrecv';
  const open = { ...closedSection(head), rejected: false, direction };
  if (kind === 'application') {
    const sctpPort = integerOf(media['sctpPort'] ?? 5000, 1, 65_535);
    if (sctpPort === undefined) refuseSdp(`${where} has no SCTP port`);
    return { ...open, sctpPort };
  }

  if (media['rtcpMux'] === undefined) refuseSdp(`${where} does not multiplex RTP and RTCP (a=rtcp-mux)`);
  const rids = readRids(media, where);
  return {
    ...open,
    index,
    mid,
    protocol,
    codecs: readCodecs(media, kind, where),
    extensions: readExtensions(session, media, where),
    rids,
    simulcastSend: readSimulcast(media, rids, where),
    ssrcs: readSsrcs(media, where),
    reducedSize: media['rtcpRsize'] !== undefined,
  };
}
