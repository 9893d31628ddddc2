import type { RtpCapabilities, RtpCodecParameters, RtpEncodingParameters, RtpParameters } from '../proto/gen/types.ts';
import type { MediaKind } from './media.ts';
import {
  checkFormatParameters,
  refuseRtp,
  requireApt,
  requireKind,
  requireUnique,
  subtypeOf,
} from './parameter-checks.ts';

/** What may come along with a codec: retransmissions, touch tones, comfort noise. */
const companions = new Set(['rtx', 'telephone-event', 'cn']);
/** RFC 5888 section 4: an identification tag is a token. */
const midPattern = /^[\w!#$%&'*+.^`{|}~-]+$/;
/** RFC 8851 section 10. */
const ridPattern = /^[\w-]+$/;
/** https://www.w3.org/TR/webrtc-svc/#scalabilitymodes: no mode has more than three layers of a kind. */
const scalabilityModePattern = /^[LS][1-3]T[1-3]h?(_KEY(_SHIFT)?)?$/;

/**
 * Checks what the contract's limits cannot say: that the parameters of a producer make sense as a whole. Whether the
 * codec is one of the router's is left to the engine.
 * @throws {AppError} RTP_PARAMETERS_REFUSED naming the member at fault.
 */
export function checkRtpParameters(kind: MediaKind, parameters: RtpParameters, router: RtpCapabilities): void {
  const { mid } = parameters;
  if (mid !== undefined && !midPattern.test(mid)) refuseRtp('rtpParameters.mid is not a token');
  checkCodecs(kind, parameters.codecs);
  checkHeaderExtensions(parameters, router);
  checkEncodings(kind, parameters);
}

function checkCodecs(kind: MediaKind, codecs: readonly RtpCodecParameters[]): void {
  for (const [index, codec] of codecs.entries()) {
    const path = `rtpParameters.codecs[${index}]`;
    requireKind(codec.mimeType, kind, path);
    checkFormatParameters(codec.parameters, path);
  }
  requireUnique(
    codecs.map((codec) => codec.payloadType),
    (index) => `rtpParameters.codecs[${index}].payloadType`,
  );

  // A producer has one codec. With several, receivers could be given another one than the layers are described for.
  const [codecOfTrack, ...others] = codecs.filter((codec) => !companions.has(subtypeOf(codec.mimeType)));
  if (others.length > 0) refuseRtp('rtpParameters.codecs names more than one codec');
  if (codecOfTrack === undefined || codecOfTrack !== codecs[0]) {
    refuseRtp('rtpParameters.codecs[0] is not the codec of a track');
  }
  for (const [index, codec] of codecs.entries()) {
    if (subtypeOf(codec.mimeType) !== 'rtx') continue;
    const path = `rtpParameters.codecs[${index}]`;
    if (requireApt(codec, path) !== codecOfTrack.payloadType) {
      refuseRtp(`${path}.parameters.apt is not the payload type of the track’s codec`);
    }
  }
}

function checkHeaderExtensions({ headerExtensions }: RtpParameters, router: RtpCapabilities): void {
  const known = new Set(router.headerExtensions.map((extension) => extension.uri));
  for (const [index, { uri }] of headerExtensions.entries()) {
    if (!known.has(uri)) refuseRtp(`rtpParameters.headerExtensions[${index}].uri is not one of the router’s: ${uri}`);
  }
  requireUnique(
    headerExtensions.map((extension) => extension.id),
    (index) => `rtpParameters.headerExtensions[${index}].id`,
  );
  requireUnique(
    headerExtensions.map((extension) => extension.uri),
    (index) => `rtpParameters.headerExtensions[${index}].uri`,
  );
}

function checkEncodings(kind: MediaKind, parameters: RtpParameters): void {
  const { encodings } = parameters;
  if (encodings.length === 0) refuseRtp('rtpParameters.encodings is empty');
  if (kind === 'audio' && encodings.length > 1) refuseRtp('rtpParameters.encodings of a sound has more than one entry');
  for (const [index, encoding] of encodings.entries()) {
    const path = `rtpParameters.encodings[${index}]`;
    checkEncoding(encoding, parameters, path);
    // RTP packets find their encoding by SSRC or rid; by mid alone only where there is nothing to choose.
    const found = encoding.ssrc !== undefined || encoding.rid !== undefined;
    if (!found && (encodings.length > 1 || parameters.mid === undefined)) refuseRtp(`${path} has neither ssrc nor rid`);
  }
  requireUnique(
    encodings.flatMap((encoding) => [encoding.ssrc, encoding.rtx?.ssrc]),
    (index) => `rtpParameters.encodings[${index >> 1}].${index % 2 === 0 ? 'ssrc' : 'rtx.ssrc'}`,
  );
  requireUnique(
    encodings.map((encoding) => encoding.rid),
    (index) => `rtpParameters.encodings[${index}].rid`,
  );
}

function checkEncoding(encoding: RtpEncodingParameters, { codecs }: RtpParameters, path: string): void {
  if (encoding.ssrc === 0) refuseRtp(`${path}.ssrc is 0`);
  if (encoding.rid !== undefined && !ridPattern.test(encoding.rid)) refuseRtp(`${path}.rid is not a restriction id`);
  if (encoding.rtx?.ssrc === 0) refuseRtp(`${path}.rtx.ssrc is 0`);
  if (encoding.rtx && !codecs.some((codec) => subtypeOf(codec.mimeType) === 'rtx')) {
    refuseRtp(`${path}.rtx is there without a codec for retransmissions`);
  }
  if (encoding.codecPayloadType !== undefined && encoding.codecPayloadType !== codecs[0]?.payloadType) {
    refuseRtp(`${path}.codecPayloadType is not the payload type of the track’s codec`);
  }
  if (encoding.scalabilityMode !== undefined && !scalabilityModePattern.test(encoding.scalabilityMode)) {
    refuseRtp(`${path}.scalabilityMode is not known: ${encoding.scalabilityMode}`);
  }
}
