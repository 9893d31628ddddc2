import type { ParleyError } from '../errors.ts';

/** Nothing is wrong with the message; the way to the server is. */
const lost: readonly string[] = ['NOT_CONNECTED', 'CONNECTION_LOST', 'NOT_IN_ROOM'];
const passing: readonly string[] = [
  'CALL_TIMEOUT',
  'TOO_MANY_CALLS',
  'RATE_LIMITED',
  'SERVER_DRAINING',
  'STORE_BUSY',
  'STORE_UNAVAILABLE',
  'STORE_OUTCOME_UNKNOWN',
];

/** A server that has failed so often at a message will fail at it again, and others wait behind it. */
const maxInternalErrors = 5;
/** Who has to wait longer is told so: by then it may be meant no more. */
const longestWaitMs = 60_000;

/** What becomes of a message that the server did not take. Trying again is harmless: the client id says that it is the same. */
export function decideSend(error: ParleyError, tries: number): 'retry' | 'fail' {
  if ((error.retryAfterMs ?? 0) > longestWaitMs) return 'fail';
  // Also where it says for how long: what is written against a moderator's will does not go out by itself when that ends.
  if (error.code === 'PERMISSION_DENIED') return 'fail';
  if (error.reason === 'INTERNAL') return tries < maxInternalErrors ? 'retry' : 'fail';
  const mayPass = lost.includes(error.reason) || passing.includes(error.reason) || error.code === 'UNAVAILABLE';
  return mayPass || error.retryAfterMs !== undefined ? 'retry' : 'fail';
}
