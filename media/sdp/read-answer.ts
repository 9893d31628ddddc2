import type { DtlsParameters } from '../../proto/gen/types.ts';
import { readSdp } from './read-sdp.ts';
import { refuseSdp } from './sdp-values.ts';
import type { OfferedSection, SdpDescription, SdpSection } from './types.ts';

export interface Answer {
  readonly dtls: DtlsParameters;
  /** Offered tracks that the client does not receive: closed, inactive, or without the codec. */
  readonly refusedMids: ReadonlySet<string>;
}

/**
 * Reads a client's answer to an offer of the server's.
 * @throws {AppError} SDP_REFUSED when it is none, or none to this offer, or refuses every section of it;
 * DTLS_PARAMETERS_REFUSED
 */
export function readAnswer(text: string, offered: readonly OfferedSection[]): Answer {
  return matchAnswer(readSdp(text), offered);
}

/** Of an answer that was read already. @throws {AppError} SDP_REFUSED when it is none to this offer. */
export function matchAnswer(answer: SdpDescription, offered: readonly OfferedSection[]): Answer {
  const { sections } = answer;
  if (sections.length !== offered.length) {
    refuseSdp(`the answer has ${sections.length} sections, and the offer has ${offered.length}`);
  }
  if (answer.setup === 'actpass') refuseSdp('an answer has to choose its DTLS role (a=setup)');

  const refused = offered.filter((offer, index) => {
    const section = sections[index];
    if (section === undefined || section.kind !== offer.kind) refuseSdp(`section ${index} is not of the offered kind`);
    // A closed section may be answered without its mid.
    const isUnnamed = section.mid === '' && (section.rejected || sections.length === 1);
    if (section.mid !== offer.mid && !isUnnamed) refuseSdp(`section ${index} has not the offered mid`);
    return offer.send !== undefined && !takes(section, offer.send.rtpParameters.codecs[0]?.payloadType);
  });
  return { dtls: dtlsOf(answer), refusedMids: new Set(refused.map(({ mid }) => mid)) };
}

function takes({ rejected, direction, codecs }: SdpSection, payloadType: number | undefined): boolean {
  const receives = direction === 'recvonly' || direction === 'sendrecv';
  return !rejected && receives && codecs.some(({ preferredPayloadType }) => preferredPayloadType === payloadType);
}

function dtlsOf({ dtls, setup }: SdpDescription): DtlsParameters {
  return { ...dtls, role: setup === 'passive' ? 'server' : 'client' };
}
