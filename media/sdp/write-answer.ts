import type { MediaDescription } from 'sdp-transform';
import type { RtpCodecParameters, RtpParameters } from '../../proto/gen/types.ts';
import type { AnsweredSection, SdpDescription, SdpSection, ServerEnd } from './types.ts';
import { closedMedia, dataMedia, type OpenMedia, sentTrack, type TrackMedia, trackMedia } from './write-section.ts';
import { writeSession } from './write-session.ts';

export interface AnswerInput {
  readonly offer: SdpDescription;
  readonly server: ServerEnd;
  /** Digits. */
  readonly sessionId: string;
  readonly version: number;
  /** One for each section of the offer, in its order (RFC 3264 section 6). Rejected ones are answered so whatever is here. */
  readonly sections: readonly AnsweredSection[];
}

/**
 * Answers an offer as an ICE-lite end (RFC 8445 section 2.5) that waits for the client's DTLS hello, unless the client waits
 * for it. Payload types and header extension ids are the offer's; an extension that the offer has not under this id is left out.
 */
export function writeAnswer({ offer, server, sessionId, version, sections }: AnswerInput): string {
  if (sections.length !== offer.sections.length) throw new Error('an answer has as many sections as its offer');
  const setup = offer.setup === 'passive' ? 'active' : 'passive';
  let candidates = true;
  const media = offer.sections.map((section, index): MediaDescription => {
    const answered = sections[index];
    if (answered === undefined || answered.kind === 'rejected' || section.rejected) return closedMedia(section);
    const open = { mid: section.mid, protocol: section.protocol, setup, server, candidates } as const;
    candidates = false;
    return answerSection(section, answered, open);
  });
  return writeSession({ sessionId, version, extmapAllowMixed: offer.extmapAllowMixed, media });
}

function answerSection(
  section: SdpSection,
  answered: Exclude<AnsweredSection, { kind: 'rejected' }>,
  open: OpenMedia,
): MediaDescription {
  const { kind, index } = section;
  if (kind === 'application') {
    if (answered.kind !== 'data') throw new Error(`section ${index} is of data, and answered as ${answered.kind}`);
    return dataMedia(open);
  }
  const track = (direction: TrackMedia['direction'], rtpParameters: RtpParameters) =>
    trackMedia({
      ...open,
      kind,
      direction,
      codecs: rtpParameters.codecs,
      headerExtensions: rtpParameters.headerExtensions.filter(({ uri, id }) =>
        section.extensions.some((offered) => offered.uri === uri && offered.id === id),
      ),
      reducedSize: section.reducedSize,
    });

  switch (answered.kind) {
    case 'data':
      throw new Error(`section ${index} is of ${kind}, and answered as data`);
    case 'inactive':
      if (section.codecs.length === 0) return closedMedia(section);
      return trackMedia({
        ...open,
        kind,
        direction: 'inactive',
        codecs: firstCodec(section),
        headerExtensions: [],
        reducedSize: section.reducedSize,
      });
    case 'receive': {
      const { rtpParameters } = answered;
      const rids = rtpParameters.encodings.flatMap(({ rid }) => (rid === undefined ? [] : [rid]));
      return {
        ...track('recvonly', { ...rtpParameters, codecs: rtpParameters.codecs.map(asReceiver) }),
        ...(rids.length === 0 ? {} : receivedLayers(rids)),
      };
    }
    case 'both': {
      const { direction, receive, send } = answered;
      return { ...track(direction, { ...receive, codecs: receive.codecs.map(asReceiver) }), ...sentTrack(send) };
    }
    case 'send':
      return { ...track('sendonly', answered.rtpParameters), ...sentTrack(answered) };
  }
}

/** `sprop-…` describe what is sent (RFC 7587 section 6.1, RFC 6184 section 8.1), and this end sends nothing. */
function asReceiver(codec: RtpCodecParameters): RtpCodecParameters {
  const parameters = Object.entries(codec.parameters).filter(([name]) => !name.startsWith('sprop-'));
  return { ...codec, parameters: Object.fromEntries(parameters) };
}

/** RFC 8853 section 5.3. */
function receivedLayers(rids: readonly string[]): Pick<MediaDescription, 'rids' | 'simulcast'> {
  return {
    rids: rids.map((id) => ({ id, direction: 'recv' })),
    simulcast: { dir1: 'recv', list1: rids.join(';') },
  };
}

/** Any will do: the client offers them anew with its next track. */
function firstCodec({ codecs }: SdpSection): RtpCodecParameters[] {
  return codecs.slice(0, 1).map(({ preferredPayloadType: payloadType = 0, ...codec }) => {
    const { mimeType, clockRate, channels, parameters, rtcpFeedback } = codec;
    return { mimeType, payloadType, clockRate, channels, parameters, rtcpFeedback };
  });
}
