// The contract's shapes and mediasoup's. They are the same but for members that one of them leaves out.

import type { types } from 'mediasoup';
import type {
  DtlsParameters,
  IceCandidate,
  IceParameters,
  JsonScalar,
  RtcpFeedback,
  RtpCapabilities,
  RtpParameters,
  SctpParameters,
} from '../../proto/gen/types.ts';
import type { RouterCodec } from '../codecs.ts';

type Parameters = Record<string, JsonScalar>;

export function fromRouterCodecs(codecs: readonly RouterCodec[]): types.RouterRtpCodecCapability[] {
  return codecs.map((codec) => ({ ...codec, parameters: { ...codec.parameters } }));
}

export function toRtpCapabilities(capabilities: types.RouterRtpCapabilities): RtpCapabilities {
  return {
    codecs: (capabilities.codecs ?? []).map((codec) => ({
      kind: codec.kind,
      mimeType: codec.mimeType,
      preferredPayloadType: codec.preferredPayloadType,
      clockRate: codec.clockRate,
      channels: codec.channels,
      parameters: toParameters(codec.parameters),
      rtcpFeedback: toRtcpFeedback(codec.rtcpFeedback),
    })),
    headerExtensions: (capabilities.headerExtensions ?? []).map((extension) => ({
      kind: extension.kind,
      uri: extension.uri,
      preferredId: extension.preferredId,
      preferredEncrypt: extension.preferredEncrypt ?? false,
      direction: extension.direction ?? 'sendrecv',
    })),
  };
}

/** Of capabilities that were checked, so each header extension has a kind. */
export function fromRtpCapabilities(capabilities: RtpCapabilities): types.RtpCapabilities {
  return {
    codecs: capabilities.codecs.map((codec) => ({
      kind: codec.kind,
      mimeType: codec.mimeType,
      // mediasoup's type wants one, and nothing reads it: a consumer gets the router's payload types.
      preferredPayloadType: codec.preferredPayloadType ?? 0,
      clockRate: codec.clockRate,
      ...optional('channels', codec.channels),
      parameters: fromParameters(codec.parameters),
      rtcpFeedback: codec.rtcpFeedback,
    })),
    headerExtensions: capabilities.headerExtensions.flatMap((extension) =>
      extension.kind === ''
        ? []
        : [
            {
              kind: extension.kind,
              // Compared with the router's and dropped when it is not one of them.
              uri: extension.uri as types.RtpHeaderExtensionUri,
              preferredId: extension.preferredId,
              preferredEncrypt: extension.preferredEncrypt,
              direction: extension.direction === '' ? 'sendrecv' : extension.direction,
            },
          ],
    ),
  };
}

/** Of parameters that were checked, so each header extension is one that mediasoup knows. */
export function fromRtpParameters(parameters: RtpParameters): types.RtpParameters {
  return {
    ...optional('mid', parameters.mid),
    codecs: parameters.codecs.map((codec) => ({
      mimeType: codec.mimeType,
      payloadType: codec.payloadType,
      clockRate: codec.clockRate,
      ...optional('channels', codec.channels),
      parameters: fromParameters(codec.parameters),
      rtcpFeedback: codec.rtcpFeedback,
    })),
    headerExtensions: parameters.headerExtensions.map((extension) => ({
      uri: extension.uri as types.RtpHeaderExtensionUri,
      id: extension.id,
      encrypt: extension.encrypt,
      parameters: fromParameters(extension.parameters),
    })),
    encodings: parameters.encodings.map((encoding) => ({
      ...optional('ssrc', encoding.ssrc),
      ...optional('rid', encoding.rid),
      ...optional('codecPayloadType', encoding.codecPayloadType),
      ...optional('rtx', encoding.rtx),
      ...optional('dtx', encoding.dtx),
      ...optional('scalabilityMode', encoding.scalabilityMode),
      ...optional('maxBitrate', encoding.maxBitrate),
    })),
    rtcp: {
      ...optional('cname', parameters.rtcp?.cname),
      ...optional('reducedSize', parameters.rtcp?.reducedSize),
    },
  };
}

export function toRtpParameters(parameters: types.RtpParameters): RtpParameters {
  return {
    mid: parameters.mid,
    codecs: parameters.codecs.map((codec) => ({
      mimeType: codec.mimeType,
      payloadType: codec.payloadType,
      clockRate: codec.clockRate,
      channels: codec.channels,
      parameters: toParameters(codec.parameters),
      rtcpFeedback: toRtcpFeedback(codec.rtcpFeedback),
    })),
    headerExtensions: (parameters.headerExtensions ?? []).map((extension) => ({
      uri: extension.uri,
      id: extension.id,
      encrypt: extension.encrypt ?? false,
      parameters: toParameters(extension.parameters),
    })),
    encodings: (parameters.encodings ?? []).map((encoding) => ({
      ssrc: encoding.ssrc,
      rid: encoding.rid,
      codecPayloadType: encoding.codecPayloadType,
      rtx: encoding.rtx,
      dtx: encoding.dtx,
      scalabilityMode: encoding.scalabilityMode,
      maxBitrate: encoding.maxBitrate,
    })),
    rtcp: { cname: parameters.rtcp?.cname, reducedSize: parameters.rtcp?.reducedSize },
  };
}

export function toIceParameters({ usernameFragment, password, iceLite }: types.IceParameters): IceParameters {
  return { usernameFragment, password, iceLite: iceLite ?? false };
}

export function toIceCandidate({ tcpType, ...candidate }: types.IceCandidate): IceCandidate {
  return { ...candidate, ...optional('tcpType', tcpType) };
}

export function toDtlsParameters({ role, fingerprints }: types.DtlsParameters): DtlsParameters {
  return { role: role ?? 'auto', fingerprints };
}

export function fromDtlsParameters({ role, fingerprints }: DtlsParameters): types.DtlsParameters {
  return {
    role: role === '' ? 'auto' : role,
    // The worker compares with a text of its own in upper case, which RFC 8122 section 5 asks of everybody.
    fingerprints: fingerprints.map(({ algorithm, value }) => ({ algorithm, value: value.toUpperCase() })),
  };
}

export function toSctpParameters({ port, OS, MIS, maxMessageSize }: types.SctpParameters): SctpParameters {
  return { port, outgoingStreams: OS, incomingStreams: MIS, maxMessageSize };
}

/** mediasoup tells a member that is missing from one that is undefined. */
export function optional<Name extends string, Value>(name: Name, value: Value | undefined): { [N in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [N in Name]?: Value });
}

/** mediasoup refuses booleans, which format parameters have as 0 and 1 anyway. */
function fromParameters(parameters: Parameters): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, typeof value === 'boolean' ? Number(value) : value]),
  );
}

function toParameters(parameters: Record<string, unknown> = {}): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).filter((entry): entry is [string, JsonScalar] => isScalar(entry[1])),
  );
}

function isScalar(value: unknown): value is JsonScalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function toRtcpFeedback(feedback: readonly types.RtcpFeedback[] = []): RtcpFeedback[] {
  return feedback.map(({ type, parameter }) => ({ type, parameter: parameter ?? '' }));
}
