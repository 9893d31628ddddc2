import type { RtpCapabilities } from '../proto/gen/types.ts';
import {
  checkFormatParameters,
  refuseRtp,
  requireApt,
  requireKind,
  requireUnique,
  subtypeOf,
} from './parameter-checks.ts';

/**
 * Checks what the contract's limits cannot say: that a client's capabilities make sense as a whole. Codecs and header
 * extensions that this server does not know are no fault, they are never used.
 * @throws {AppError} RTP_PARAMETERS_REFUSED naming the member at fault.
 */
export function checkRtpCapabilities(capabilities: RtpCapabilities): void {
  const { codecs, headerExtensions } = capabilities;
  if (codecs.length === 0) refuseRtp('rtpCapabilities.codecs is empty');
  for (const [index, codec] of codecs.entries()) {
    const path = `rtpCapabilities.codecs[${index}]`;
    requireKind(codec.mimeType, codec.kind, path);
    checkFormatParameters(codec.parameters, path);
    if (subtypeOf(codec.mimeType) === 'rtx') requireApt(codec, path);
  }
  requireUnique(
    codecs.map((codec) => codec.preferredPayloadType),
    (index) => `rtpCapabilities.codecs[${index}].preferredPayloadType`,
  );

  for (const [index, extension] of headerExtensions.entries()) {
    if (extension.kind === '') refuseRtp(`rtpCapabilities.headerExtensions[${index}].kind is missing`);
  }
  requireUnique(
    headerExtensions.map(({ kind, uri }) => `${kind} ${uri}`),
    (index) => `rtpCapabilities.headerExtensions[${index}].uri`,
  );
  requireUnique(
    headerExtensions.map(({ kind, preferredId }) => `${kind} ${preferredId}`),
    (index) => `rtpCapabilities.headerExtensions[${index}].preferredId`,
  );
}
