import { describe, expect, it } from 'vitest';
import { ParleyError, sdkError } from './errors.ts';
import { decideNext, type Failure, type Step } from './session-policy.ts';

function failure(reason: string, changes: Partial<Failure> = {}): Failure {
  return {
    error: new ParleyError(reason, reason),
    phase: 'connected',
    closing: undefined,
    hadOldToken: false,
    wasResuming: false,
    ...changes,
  };
}

const giveUp: Step = { next: 'giveUp' };
const retry = {
  next: 'retry',
  wait: 'backoff',
  atLeastMs: 0,
  token: 'keep',
  session: 'resume',
  address: 'same',
} satisfies Step;
const retryElsewhere = { ...retry, address: 'next' } satisfies Step;
const closing = { reason: 'X' };

describe('decideNext()', () => {
  it.each<[string, Failure, Step]>([
    ['a lost connection', failure('CONNECTION_LOST'), retry],
    ['an unreachable server', failure('UNREACHABLE', { phase: 'opening' }), retryElsewhere],
    ['a server that is full', failure('TOO_MANY_CONNECTIONS', { phase: 'opening' }), retryElsewhere],
    ['a slow server', failure('CALL_TIMEOUT', { phase: 'connecting' }), retryElsewhere],
    [
      'keys that cannot be fetched',
      failure('KEYS_UNAVAILABLE', { phase: 'connecting', hadOldToken: true }),
      retryElsewhere,
    ],

    ['a fresh token that is refused', failure('TOKEN_MALFORMED', { phase: 'connecting' }), giveUp],
    [
      'an old token that is refused',
      failure('TOKEN_EXPIRED', { phase: 'connecting', hadOldToken: true }),
      { ...retry, wait: 'none', token: 'renew' },
    ],
    [
      'an old token that is refused by a close code',
      failure('TOKEN_EXPIRED', { phase: 'opening', hadOldToken: true }),
      { ...retry, wait: 'none', token: 'renew' },
    ],
    ['a guest that is not let in', failure('GUESTS_NOT_ALLOWED', { phase: 'connecting' }), giveUp],
    ['no token for now', failure('TOKEN_UNAVAILABLE', { phase: 'token' }), retry],
    ['no token at all', failure('SIGNED_OUT', { phase: 'token' }), giveUp],

    [
      'a session that was taken over by the node where it was to go on, and whose answer was lost',
      failure('SESSION_TAKEN_OVER', { wasMoving: true }),
      { ...retryElsewhere, wait: 'none' },
    ],

    [
      'a session that cannot be resumed',
      failure('RESUME_REFUSED', { phase: 'connecting', wasResuming: true }),
      { ...retry, wait: 'none', session: 'startAnew' },
    ],
    ['a refused resume that nobody asked for', failure('RESUME_REFUSED', { phase: 'connecting' }), retryElsewhere],
    [
      'a session of another identity',
      failure('TOKEN_IDENTITY_CHANGED', { phase: 'connecting', wasResuming: true, hadOldToken: true }),
      { ...retry, wait: 'none', session: 'startAnew' },
    ],
    ['another identity without a session', failure('TOKEN_IDENTITY_CHANGED', { phase: 'connecting' }), giveUp],

    ['a foreign origin', failure('ORIGIN_REFUSED', { phase: 'connecting' }), giveUp],
    ['another contract', failure('UNKNOWN_METHOD', { phase: 'connecting' }), giveUp],

    ['an announced end without a return', failure('X', { closing }), { ...retry, token: 'renew' }],
    ['an announced return', failure('X', { closing: { ...closing, retryAfterMs: 70 } }), { ...retry, atLeastMs: 70 }],
    ['an announced return at once', failure('X', { closing: { ...closing, retryAfterMs: 0 } }), retry],
    ['an expired session', failure('TOKEN_EXPIRED'), { ...retry, token: 'renew' }],
    [
      'a node that stops',
      failure('SERVER_DRAINING', { closing: { reason: 'SERVER_DRAINING', retryAfterMs: 70 } }),
      { ...retryElsewhere, atLeastMs: 70 },
    ],
    ['a node that asked to go elsewhere', failure('MOVE_REQUESTED'), { ...retryElsewhere, wait: 'none' }],
    ['a session that was taken over', failure('SESSION_TAKEN_OVER'), { ...retry, session: 'startAnew' }],
  ])('answers %s', (_what, given, expected) => {
    expect(decideNext(given)).toEqual(expected);
  });

  it('waits as long as the refusal says', () => {
    const error = new ParleyError('RATE_LIMITED', 'slow down', { retryAfterMs: 90 });
    expect(decideNext(failure('', { phase: 'connecting', error }))).toEqual({ ...retryElsewhere, atLeastMs: 90 });
  });

  it('never tries the same refused token twice, however the tries begin', () => {
    const error = sdkError('UNREACHABLE');
    for (const phase of ['opening', 'connecting'] as const) {
      const refused = failure('TOKEN_EXPIRED', { phase, hadOldToken: true });
      expect(decideNext(refused)).toMatchObject({ token: 'renew' });
      expect(decideNext({ ...refused, hadOldToken: false })).toEqual(giveUp);
      expect(decideNext(failure('', { phase, error }))).toEqual(retryElsewhere);
    }
  });
});
