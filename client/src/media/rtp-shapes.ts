// The contract's RTP, ICE and DTLS messages have the shapes of mediasoup, and the types of both differ in strictness
// only: one says what protobuf can say, the other lists the values of today. The casts between them stand here.

import type { types } from 'mediasoup-client';
import type {
  ConsumeResponse,
  CreateTransportResponse,
  DtlsParametersInit,
  RtpCapabilities,
  RtpCapabilitiesInit,
  RtpParametersInit,
} from '../../../proto/gen/types.ts';

export function toRtpCapabilities(capabilities: RtpCapabilities): types.RtpCapabilities {
  return capabilities as unknown as types.RtpCapabilities;
}

export function fromRtpCapabilities(capabilities: types.RtpCapabilities): RtpCapabilitiesInit {
  return capabilities as unknown as RtpCapabilitiesInit;
}

export function fromRtpParameters(parameters: types.RtpParameters): RtpParametersInit {
  return parameters as unknown as RtpParametersInit;
}

export function fromDtlsParameters(parameters: types.DtlsParameters): DtlsParametersInit {
  return parameters as unknown as DtlsParametersInit;
}

export function toTransportOptions(response: CreateTransportResponse): types.TransportOptions {
  const { transportId, iceParameters, iceCandidates, dtlsParameters, iceServers, relayOnly, sctpParameters } = response;
  const { outgoingStreams: OS, incomingStreams: MIS, ...sctp } = sctpParameters ?? {};
  return {
    id: transportId,
    iceParameters,
    iceCandidates,
    dtlsParameters,
    iceServers,
    iceTransportPolicy: relayOnly ? 'relay' : 'all',
    ...(sctpParameters && { sctpParameters: { ...sctp, OS, MIS } }),
  } as unknown as types.TransportOptions;
}

export function toConsumerOptions(response: ConsumeResponse): types.ConsumerOptions {
  const { consumerId, producerId, kind, rtpParameters } = response;
  return { id: consumerId, producerId, kind, rtpParameters } as unknown as types.ConsumerOptions;
}

/**
 * As they are for a receiver with a transform. Of a sound no stream is named: Chromium plays streams that a description does
 * not name beside the one that it does, and past the transform. Where it names none, all of them go through it.
 */
export function withoutStreamOfSound(options: types.ConsumerOptions): types.ConsumerOptions {
  const { kind, rtpParameters } = options;
  if (kind !== 'audio' || !rtpParameters) return options;
  const encodings = rtpParameters.encodings?.map(({ ssrc, ...encoding }) => encoding) ?? [];
  return { ...options, rtpParameters: { ...rtpParameters, encodings } };
}
