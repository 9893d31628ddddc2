import type { MediaDescription } from 'sdp-transform';
import type { OfferedSection, ServerEnd } from './types.ts';
import { closedMedia, dataMedia, type OpenMedia, sentTrack, trackMedia } from './write-section.ts';
import { writeSession } from './write-session.ts';

export interface OfferInput {
  readonly server: ServerEnd;
  /** Digits. */
  readonly sessionId: string;
  readonly version: number;
  readonly sections: readonly OfferedSection[];
}

const rtpProtocol = 'UDP/TLS/RTP/SAVPF';
const dataProtocol = 'UDP/DTLS/SCTP';

/** Offers tracks to a client, as an ICE-lite end. The ids are those of the consumers, which send with them. */
export function writeOffer({ server, sessionId, version, sections }: OfferInput): string {
  let candidates = true;
  const media = sections.map((section): MediaDescription => {
    const protocol = section.kind === 'application' ? dataProtocol : rtpProtocol;
    if (section.kind !== 'application' && section.send === undefined && section.idle === undefined) {
      return closedMedia({ kind: section.kind, mid: section.mid, protocol });
    }
    const open = { mid: section.mid, protocol, setup: 'actpass', server, candidates } as const;
    candidates = false;
    return offerSection(section, open);
  });
  return writeSession({ sessionId, version, extmapAllowMixed: false, media });
}

function offerSection({ kind, send, receive, idle = [] }: OfferedSection, open: OpenMedia): MediaDescription {
  if (kind === 'application') return dataMedia(open);
  if (send === undefined) {
    return trackMedia({
      ...open,
      kind,
      direction: 'inactive',
      codecs: idle,
      headerExtensions: [],
      reducedSize: true,
    });
  }
  const { codecs, headerExtensions, rtcp } = send.rtpParameters;
  return {
    ...trackMedia({
      ...open,
      kind,
      direction: receive?.direction ?? 'sendonly',
      codecs,
      headerExtensions: receive?.headerExtensions ?? headerExtensions,
      reducedSize: rtcp?.reducedSize ?? true,
    }),
    ...sentTrack(send),
  };
}
