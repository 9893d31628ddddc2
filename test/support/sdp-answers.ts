// Answers to the server's offers, for tests that need nobody at the other end.

import { readSdp } from '../../media/sdp/read-sdp.ts';
import type { AnsweredSection, SdpSection } from '../../media/sdp/types.ts';
import { writeAnswer } from '../../media/sdp/write-answer.ts';
import { sampleEnd } from './sdp-samples.ts';

/** Takes all that is offered, but for sections of these mids. */
export function answerTo(offer: string, { except = [] }: { except?: readonly string[] } = {}): string {
  const description = readSdp(offer);
  const sections = description.sections.map((section) => answered(section, except));
  return writeAnswer({ offer: description, server: sampleEnd, sessionId: '9', version: 1, sections });
}

function answered(section: SdpSection, except: readonly string[]): AnsweredSection {
  if (except.includes(section.mid)) return { kind: 'rejected' };
  if (section.kind === 'application') return { kind: 'data' };
  if (section.direction === 'inactive') return { kind: 'inactive' };
  const codecs = section.codecs.map(({ preferredPayloadType: payloadType = 0, mimeType, clockRate, channels }) => ({
    mimeType,
    payloadType,
    clockRate,
    channels,
    parameters: {},
    rtcpFeedback: [],
  }));
  return { kind: 'receive', rtpParameters: { codecs, headerExtensions: [], encodings: [{}] } };
}
