// What a session does when a connection failed: pure decisions, so that every race has its line and its test.

import type { SessionClosing } from '../../proto/gen/types.ts';
import type { ParleyError } from './errors.ts';

/**
 * `token`: the application was asked for one. `opening`: of the WebSocket. `connecting`: session.connect was being answered.
 * `connected`: the session lived on this connection.
 */
export type Phase = 'token' | 'opening' | 'connecting' | 'connected';

/** How far a try had come, and with what. */
export interface Failure {
  readonly error: ParleyError;
  readonly phase: Phase;
  readonly closing: SessionClosing | undefined;
  /** The token has served before, or waited for long: another may help. */
  readonly hadOldToken: boolean;
  /** It was tried to come back to a session. */
  readonly wasResuming: boolean;
  /** It was tried to go on with the session at another node. */
  readonly wasMoving?: boolean;
}

/** What comes next. */
export type Step =
  | { readonly next: 'giveUp' }
  | {
      readonly next: 'retry';
      /** At once, or after a random time that grows with the tries. */
      readonly wait: 'none' | 'backoff';
      /** In addition to that. */
      readonly atLeastMs: number;
      readonly token: 'keep' | 'renew';
      readonly session: 'resume' | 'startAnew';
      /** Of a server with several: the one that it was, where the session's media still runs, or the next one. */
      readonly address: 'same' | 'next';
    };

export function decideNext(failure: Failure): Step {
  switch (failure.phase) {
    case 'token':
      // An application says with a ParleyError that there will be no token; anything else may be its own network.
      return failure.error.reason === 'TOKEN_UNAVAILABLE' ? retry(failure, {}) : { next: 'giveUp' };
    case 'opening':
    case 'connecting':
      return afterRefusal(failure);
    case 'connected':
      return afterLoss(failure);
  }
}

function afterRefusal(failure: Failure): Step {
  const { reason } = failure.error;
  if (isAboutToken(reason)) {
    return failure.hadOldToken ? retry(failure, { wait: 'none', token: 'renew' }) : { next: 'giveUp' };
  }
  if (failure.wasResuming && (reason === 'RESUME_REFUSED' || reason === 'TOKEN_IDENTITY_CHANGED')) {
    return retry(failure, { wait: 'none', session: 'startAnew' });
  }
  return isHopeless(reason) ? { next: 'giveUp' } : retry(failure, { address: 'next' });
}

function afterLoss(failure: Failure): Step {
  const { reason } = failure.error;
  // It was this client itself, and did not hear of it.
  if (reason === 'SESSION_TAKEN_OVER' && failure.wasMoving) return retry(failure, { wait: 'none', address: 'next' });
  // Whoever took the session over has it: a second attempt at it would be an endless quarrel.
  if (reason === 'SESSION_TAKEN_OVER') return retry(failure, { session: 'startAnew' });
  // It was waited for before the connection was left.
  if (reason === 'MOVE_REQUESTED') return retry(failure, { wait: 'none', address: 'next' });
  const needsToken =
    isAboutToken(reason) || (failure.closing !== undefined && failure.closing.retryAfterMs === undefined);
  return retry(failure, {
    token: needsToken ? 'renew' : 'keep',
    address: reason === 'SERVER_DRAINING' ? 'next' : 'same',
  });
}

type Retry = Extract<Step, { next: 'retry' }>;

function retry(failure: Failure, how: Partial<Omit<Retry, 'next' | 'atLeastMs'>>): Retry {
  const atLeastMs = failure.closing?.retryAfterMs ?? failure.error.retryAfterMs ?? 0;
  return { next: 'retry', wait: 'backoff', atLeastMs, token: 'keep', session: 'resume', address: 'same', ...how };
}

function isAboutToken(reason: string): boolean {
  return (reason.startsWith('TOKEN_') && reason !== 'TOKEN_IDENTITY_CHANGED') || reason === 'GUESTS_NOT_ALLOWED';
}

/** Refusals that the same client gets again, however often it asks. */
function isHopeless(reason: string): boolean {
  return ['ORIGIN_REFUSED', 'TOKEN_IDENTITY_CHANGED', 'BAD_REQUEST', 'UNKNOWN_METHOD', 'ALREADY_CONNECTED'].includes(
    reason,
  );
}
