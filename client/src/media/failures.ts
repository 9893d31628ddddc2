import { ParleyError, sdkError } from '../errors.ts';
import { Superseded } from '../waiting.ts';

/**
 * What a failure on the way to sending or receiving a track means: `past` belongs to a transport that is given up, and the
 * next one starts over; `passing` may be different in a moment; `final` stays as it is, however often it is tried.
 */
export type FailureKind = 'past' | 'passing' | 'final';

const passing: readonly string[] = [
  'NOT_CONNECTED',
  'CONNECTION_LOST',
  'CALL_TIMEOUT',
  'CALL_CANCELLED',
  'TOO_MANY_CALLS',
  'RATE_LIMITED',
  'MEDIA_UNAVAILABLE',
  'SERVER_DRAINING',
  'INTERNAL',
  'TRANSPORT_NOT_FOUND',
];

/** Whatever keeps failing for so long (about a minute and a half with the default times) does not pass. */
const maxTries = 10;

export function classifyFailure(error: unknown, tries: number): FailureKind {
  if (error instanceof Superseded) return 'past';
  return error instanceof ParleyError && passing.includes(error.reason) && tries < maxTries ? 'passing' : 'final';
}

/** What the media library throws, in the SDK's words. */
export function toMediaError(thrown: unknown): Error {
  if (thrown instanceof ParleyError || thrown instanceof Superseded) return thrown;
  const name = thrown instanceof Error ? thrown.name : '';
  // Its errors are told apart by name: the classes are not exported.
  return sdkError(name === 'InvalidStateError' ? 'TRACK_ENDED' : 'MEDIA_UNSUPPORTED', thrown);
}
