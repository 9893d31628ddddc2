// Answers any offer, for tests that care that an answer is taken, not what is in it.

import { firstShared } from '../../media/sdp/match-codec.ts';
import { servableSections, toSendParameters } from '../../media/sdp/to-rtp.ts';
import type { AnsweredSection, SdpDescription, SdpSection, ServerEnd } from '../../media/sdp/types.ts';
import { writeAnswer } from '../../media/sdp/write-answer.ts';
import type { RtpParameters } from '../../proto/gen/types.ts';
import { sampleEnd, sampleRouter } from './sdp-samples.ts';

export interface AnswerOptions {
  readonly end?: ServerEnd;
  /** Whether a section of this index is to be answered as inactive. */
  readonly holds?: (index: number) => boolean;
  readonly refuses?: (index: number) => boolean;
}

/** Receives what is sent, sends where something is received, and refuses what no router knows. */
export function answerAnything(
  offer: SdpDescription,
  { end = sampleEnd, holds = () => false, refuses = () => false }: AnswerOptions = {},
) {
  const servable = new Set(servableSections(offer, sampleRouter));
  const sections = offer.sections.map((section): AnsweredSection => {
    if (!servable.has(section) || refuses(section.index)) return { kind: 'rejected' };
    if (section.kind === 'application') return { kind: 'data' };
    if (holds(section.index) || section.direction === 'inactive') return { kind: 'inactive' };
    if (section.direction === 'recvonly') {
      return { kind: 'send', rtpParameters: consumerOf(section), streamId: 'stream', trackId: `track${section.index}` };
    }
    return { kind: 'receive', rtpParameters: toSendParameters(section, sampleRouter) };
  });
  return { sections, text: writeAnswer({ offer, server: end, sessionId: '7', version: 1, sections }) };
}

/** As a router with the client's payload types would send. */
function consumerOf(section: SdpSection): RtpParameters {
  const shared = firstShared(section.codecs, sampleRouter);
  if (shared === undefined) throw new Error('the section is not servable');
  const { preferredPayloadType: payloadType = 0, mimeType, clockRate, channels, parameters } = shared.offered;
  return {
    codecs: [{ payloadType, mimeType, clockRate, channels, parameters, rtcpFeedback: [] }],
    headerExtensions: [],
    encodings: [{ ssrc: 1000 + section.index }],
    rtcp: { cname: 'cname', reducedSize: true },
  };
}
