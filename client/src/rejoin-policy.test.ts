import { describe, expect, it } from 'vitest';
import { errorRegistry } from '../../core/errors.ts';
import { ParleyError, sdkError } from './errors.ts';
import { judgeRejoin } from './rejoin-policy.ts';

function refusal(reason: keyof typeof errorRegistry, retryAfterMs?: number): ParleyError {
  return new ParleyError(reason, reason, { code: errorRegistry[reason].code, retryAfterMs });
}

describe('judgeRejoin()', () => {
  it.each([
    ['a store that is away', refusal('STORE_UNAVAILABLE', 2_000), 'passes'],
    ['a store with too much to do', refusal('STORE_BUSY', 500), 'passes'],
    ['keys that cannot be fetched', refusal('KEYS_UNAVAILABLE', 500), 'passes'],
    ['another node that cannot be reached', refusal('NODE_UNREACHABLE', 500), 'passes'],
    ['a node with too much to do', refusal('NODE_OVERLOADED', 500), 'passes'],
    ['calls too fast', refusal('RATE_LIMITED', 50), 'passes'],
    ['a store that is away and does not say for how long', refusal('STORE_UNAVAILABLE'), 'counts'],
    ['a full room', refusal('ROOM_FULL'), 'counts'],
    ['a place that a ghost still holds', refusal('ALREADY_IN_ROOM'), 'counts'],
    ['a mistake of the server', refusal('INTERNAL'), 'counts'],
    ['no answer in time', sdkError('CALL_TIMEOUT'), 'counts'],
    ['a ban that ends', refusal('IDENTITY_REMOVED', 60_000), 'final'],
    ['a missing grant', refusal('GRANT_MISSING'), 'final'],
    ['too many rooms of this session', refusal('TOO_MANY_ROOMS_JOINED'), 'final'],
  ])('%s', (_what, error, verdict) => {
    expect(judgeRejoin(error)).toBe(verdict);
  });
});
