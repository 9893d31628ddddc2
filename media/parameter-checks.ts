// What the checks of RTP capabilities and of RTP parameters share.

import { AppError } from '../core/errors.ts';
import type { JsonScalar } from '../proto/gen/types.ts';
import type { MediaKind } from './media.ts';

/** Long enough for the parameter sets that H.264 carries in its format parameters. */
const maxParameterLength = 1024;
/** A token (RFC 8866 section 9), and the slash of `111/111` in redundant audio (RFC 2198). */
const parameterName = /^[\w!#$%&'*+\-.^`{|}~/]{1,64}$/;
/** Printable ASCII without the semicolon, which would begin another parameter. */
const parameterText = /^[ -:<-~]*$/;

export function refuseRtp(problem: string): never {
  throw new AppError('RTP_PARAMETERS_REFUSED', { problem });
}

/** Refuses the second of two equal values. `undefined` is no value. */
export function requireUnique(values: readonly unknown[], pathOf: (index: number) => string): void {
  const seen = new Set<unknown>();
  for (const [index, value] of values.entries()) {
    if (value === undefined) continue;
    if (seen.has(value)) refuseRtp(`${pathOf(index)} is used twice: ${String(value)}`);
    seen.add(value);
  }
}

export function requireKind(mimeType: string, kind: MediaKind, path: string): void {
  if (!mimeType.toLowerCase().startsWith(`${kind}/`)) refuseRtp(`${path}.mimeType is ${mimeType}, not ${kind}`);
}

/** `rtx` of `video/rtx`, in lower case: names of codecs are compared without case (RFC 4855 section 3). */
export function subtypeOf(mimeType: string): string {
  return mimeType.slice(mimeType.indexOf('/') + 1).toLowerCase();
}

/**
 * Format parameters are copied into the worker's memory and into every answer to a consumer, whose client writes them
 * into its SDP: a line break in one of them would be a line of that SDP, and break or redirect all that it receives.
 */
export function checkFormatParameters(parameters: Readonly<Record<string, JsonScalar>>, path: string): void {
  for (const [name, value] of Object.entries(parameters)) {
    if (!parameterName.test(name)) refuseRtp(`${path}.parameters has a name that is not a token`);
    if (typeof value === 'string' && !parameterText.test(value)) {
      refuseRtp(`${path}.parameters.${name} has characters that SDP does not carry`);
    }
    if (typeof value === 'string' && value.length > maxParameterLength) {
      refuseRtp(`${path}.parameters holds more than ${maxParameterLength} characters in one entry`);
    }
    // The worker keeps whole numbers in 32 bits.
    if (typeof value === 'number' && !(Math.abs(value) < 2 ** 31)) {
      refuseRtp(`${path}.parameters.${name} is not within 32 bits`);
    }
  }
}

/** The payload type that a retransmission codec repairs (RFC 4588 section 8.1). */
export function requireApt(codec: { parameters: Readonly<Record<string, JsonScalar>> }, path: string): number {
  const apt = codec.parameters['apt'];
  if (typeof apt !== 'number' || !Number.isInteger(apt) || apt < 0 || apt > 127) {
    refuseRtp(`${path}.parameters.apt is not a payload type`);
  }
  return apt;
}
