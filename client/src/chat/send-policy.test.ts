import { expect, it } from 'vitest';
import { ParleyError } from '../errors.ts';
import { decideSend } from './send-policy.ts';

it.each<[reason: string, code: string, retryAfterMs: number | undefined, tries: number, expected: string]>([
  ['NOT_CONNECTED', '', undefined, 99, 'retry'],
  ['CONNECTION_LOST', '', undefined, 99, 'retry'],
  ['CALL_TIMEOUT', 'DEADLINE_EXCEEDED', undefined, 99, 'retry'],
  ['STORE_OUTCOME_UNKNOWN', 'UNAVAILABLE', undefined, 99, 'retry'],
  ['OF_LATER', 'UNAVAILABLE', undefined, 99, 'retry'],
  ['RATE_LIMITED', 'RESOURCE_EXHAUSTED', 200, 99, 'retry'],
  ['SLOW_MODE', 'RESOURCE_EXHAUSTED', 30_000, 1, 'retry'],
  ['SLOW_MODE', 'RESOURCE_EXHAUSTED', 90_000, 1, 'fail'],
  ['INTERNAL', 'INTERNAL', undefined, 1, 'retry'],
  ['INTERNAL', 'INTERNAL', undefined, 5, 'fail'],
  ['MUTED', 'PERMISSION_DENIED', 30_000, 1, 'fail'],
  ['CLIENT_ID_CONFLICT', 'ALREADY_EXISTS', undefined, 1, 'fail'],
  ['FRAME_TOO_LARGE', '', undefined, 1, 'fail'],
  ['BAD_REQUEST', 'INVALID_ARGUMENT', undefined, 1, 'fail'],
])('%s (%s, again after %s ms) at try %i: %s', (reason, code, retryAfterMs, tries, expected) => {
  expect(decideSend(new ParleyError(reason, '', { code, retryAfterMs }), tries)).toBe(expected);
});
