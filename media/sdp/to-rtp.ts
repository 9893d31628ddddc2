import type {
  RtcpFeedback,
  RtpCapabilities,
  RtpCodecCapability,
  RtpCodecParameters,
  RtpEncodingParameters,
  RtpParameters,
} from '../../proto/gen/types.ts';
import { codecKey } from '../codecs.ts';
import type { PayloadTypes } from '../engine.ts';
import { firstShared, isRtx, isSameCodec, rtxOf } from './match-codec.ts';
import { refuseSdp } from './sdp-values.ts';
import type { SdpDescription, SdpSection } from './types.ts';

const midUri = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const ridUri = 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id';
const transportCcUri = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';

/**
 * The open sections with a codec of the router's, and those of data. The others are to be answered as rejected.
 * @throws {AppError} SDP_REFUSED when there is none.
 */
export function servableSections(description: SdpDescription, router: RtpCapabilities): readonly SdpSection[] {
  const open = description.sections.filter(({ rejected }) => !rejected);
  const servable = open.filter(({ kind, codecs }) => kind === 'application' || firstShared(codecs, router));
  if (servable.length === 0) refuseSdp('no section has a codec that this server knows');
  return servable;
}

/**
 * What a producer of the section gets: the first codec that the router has, with retransmissions, and of header extensions and
 * feedback what both ends have. Ids and payload types are the client's.
 * @throws {AppError} SDP_REFUSED
 */
export function toSendParameters(section: SdpSection, router: RtpCapabilities): RtpParameters {
  const where = `section ${section.index}`;
  if (section.rejected || section.kind === 'application') refuseSdp(`${where} sends no track`);
  if (section.direction !== 'sendonly' && section.direction !== 'sendrecv') refuseSdp(`${where} does not send`);
  const shared = firstShared(section.codecs, router);
  if (shared === undefined) refuseSdp(`${where} has no codec that this server knows`);

  const headerExtensions = sharedExtensions(section, router);
  const hasExtension = (uri: string) => headerExtensions.some((extension) => extension.uri === uri);
  if (section.simulcastSend.length > 0 && !(hasExtension(ridUri) && hasExtension(midUri))) {
    refuseSdp(`${where} sends layers without the header extensions that tell them apart`);
  }
  if (section.simulcastSend.length === 0 && section.ssrcs.length === 0 && !hasExtension(midUri)) {
    refuseSdp(`${where} has neither SSRCs nor the header extension for the mid`);
  }

  const codec = withFeedback(shared.offered, shared.routers, hasExtension(transportCcUri));
  const rtx = rtxOf(section.codecs, shared.offered);
  const codecs = [codec];
  if (rtx !== undefined && rtxOf(router.codecs, shared.routers)) codecs.push(toParameters(rtx, rtx.parameters, []));
  return {
    mid: section.mid === '' ? undefined : section.mid,
    codecs,
    headerExtensions,
    encodings: encodingsOf(section, codecs.length > 1, codec.parameters['usedtx'] === 1),
    rtcp: { cname: section.ssrcs[0]?.cname, reducedSize: section.reducedSize },
  };
}

/** Estimates of bandwidth come from one side or the other; transport-wide feedback is the better one. */
function withFeedback(offered: RtpCodecCapability, routers: RtpCodecCapability, transportCc: boolean) {
  const feedback = sharedFeedback(offered, routers);
  const hasTransportCc = transportCc && feedback.some(({ type }) => type === 'transport-cc');
  const dropped = hasTransportCc ? 'goog-remb' : 'transport-cc';
  // Receivers that want lost packets rebuilt have to say so, and the router's other clients do (RFC 7587 section 6.1).
  const fec = routers.parameters['useinbandfec'];
  const parameters = fec === undefined ? offered.parameters : { ...offered.parameters, useinbandfec: fec };
  return toParameters(
    offered,
    parameters,
    feedback.filter(({ type }) => type !== dropped),
  );
}

function toParameters(
  codec: RtpCodecCapability,
  parameters: RtpCodecCapability['parameters'],
  rtcpFeedback: RtcpFeedback[],
): RtpCodecParameters {
  const { mimeType, clockRate, channels } = codec;
  // The reader gives every codec its payload type.
  const payloadType = codec.preferredPayloadType ?? 0;
  return { mimeType, payloadType, clockRate, channels, parameters: { ...parameters }, rtcpFeedback };
}

function sharedFeedback(a: RtpCodecCapability, b: RtpCodecCapability): RtcpFeedback[] {
  return a.rtcpFeedback.filter(({ type, parameter }) =>
    b.rtcpFeedback.some((other) => other.type === type && other.parameter === parameter),
  );
}

function sharedExtensions(section: SdpSection, router: RtpCapabilities): RtpParameters['headerExtensions'] {
  const taken = new Set(
    router.headerExtensions
      .filter(({ kind, direction }) => kind === section.kind && (direction === 'sendrecv' || direction === 'recvonly'))
      .map(({ uri }) => uri),
  );
  return section.extensions
    .filter(({ uri, direction }) => taken.has(uri) && direction !== 'recvonly' && direction !== 'inactive')
    .map(({ uri, id }) => ({ uri, id, encrypt: false, parameters: {} }));
}

function encodingsOf(section: SdpSection, rtx: boolean, dtx: boolean): RtpEncodingParameters[] {
  if (section.kind === 'video' && section.simulcastSend.length > 0)
    return section.simulcastSend.map((rid) => ({ rid }));
  const [stream] = section.ssrcs;
  const repair = rtx && stream?.rtx !== undefined ? { rtx: { ssrc: stream.rtx } } : {};
  const encoding = { ...(stream === undefined ? {} : { ssrc: stream.ssrc }), ...repair };
  return [section.kind === 'audio' ? { ...encoding, dtx } : encoding];
}

/**
 * What a client can receive of a router, read from the sections of its offer that receive. Payload types and header
 * extension ids are the router's: in its own offers, the server chooses them.
 */
export function toReceiveCapabilities(description: SdpDescription, router: RtpCapabilities): RtpCapabilities {
  const sections = description.sections.filter(receives);
  const codecs = sections.flatMap((section) => section.codecs);
  const uris = new Set(sections.flatMap(({ kind, extensions }) => extensions.map(({ uri }) => `${kind} ${uri}`)));
  const shared = router.codecs.flatMap((codec): RtpCodecCapability[] => {
    if (isRtx(codec)) return [];
    const offered = codecs.find((other) => isSameCodec(codec, other));
    if (offered === undefined) return [];
    const able = { ...codec, rtcpFeedback: sharedFeedback(codec, offered) };
    const rtx = rtxOf(codecs, offered) && rtxOf(router.codecs, codec);
    return rtx === undefined ? [able] : [able, rtx];
  });
  return {
    codecs: shared,
    headerExtensions: sentExtensions(router).filter(({ kind, uri }) => uris.has(`${kind} ${uri}`)),
  };
}

/**
 * For a client that does not say what it can receive: what every WebRTC client has to (RFC 7742 section 5, RFC 7874 section 3),
 * and no estimate of bandwidth, which would wait for feedback that may never come.
 */
export function leastReceiveCapabilities(router: RtpCapabilities): RtpCapabilities {
  const everywhere = ['audio/opus', 'video/VP8', 'video/H264;packetization-mode=1;profile-level-id=42e01f'];
  return {
    codecs: router.codecs
      .filter((codec) => everywhere.includes(keyOf(codec)))
      .map((codec) => ({
        ...codec,
        rtcpFeedback: codec.rtcpFeedback.filter(({ type }) => type === 'nack' || type === 'ccm'),
      })),
    headerExtensions: sentExtensions(router).filter(({ uri }) => uri === midUri),
  };
}

function sentExtensions(router: RtpCapabilities): RtpCapabilities['headerExtensions'] {
  return router.headerExtensions.filter(({ direction }) => direction === 'sendrecv' || direction === 'sendonly');
}

/**
 * The payload types under which the client of an offer receives the router's codecs, for a router of its own: in an answer
 * the server cannot choose them, and a router sends with its own.
 * @throws {AppError} SDP_REFUSED when it can receive none.
 */
export function payloadTypesOf(description: SdpDescription, router: RtpCapabilities): PayloadTypes {
  const offered = description.sections.filter(receives).flatMap((section) => section.codecs);
  const types = new Map<string, number>();
  for (const codec of router.codecs.filter((each) => !isRtx(each))) {
    const type = offered.find((other) => isSameCodec(codec, other))?.preferredPayloadType;
    if (type !== undefined) types.set(keyOf(codec), type);
  }
  if (types.size === 0) refuseSdp('no section receives a codec that this server knows');
  return types;
}

function receives({ rejected, kind, direction }: SdpSection): boolean {
  return !rejected && kind !== 'application' && (direction === 'recvonly' || direction === 'sendrecv');
}

function keyOf({ mimeType, parameters }: RtpCodecCapability): string {
  const told = Object.entries(parameters).filter(
    (entry): entry is [string, string | number] => typeof entry[1] !== 'boolean',
  );
  return codecKey({ mimeType, parameters: Object.fromEntries(told) });
}
