import { StoreError } from '../../cluster/room-log.ts';
import { AppError } from '../../core/errors.ts';

export const storeBusyRetryMs = 500;

/** What a caller is told when the store failed. All of it may be tried again. */
export function toStoreProblem(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const cause = thrown;
  switch (thrown instanceof StoreError ? thrown.kind : 'unknown') {
    case 'busy':
      return new AppError('STORE_BUSY', {}, { cause, retryAfterMs: storeBusyRetryMs });
    case 'unknown':
      return new AppError('STORE_OUTCOME_UNKNOWN', {}, { cause, retryAfterMs: 1_000 });
    case 'away':
      return new AppError('STORE_UNAVAILABLE', {}, { cause, retryAfterMs: Math.round(1_000 + Math.random() * 2_000) });
    case 'closed':
      return new AppError('STORE_UNAVAILABLE', {}, { cause, retryAfterMs: 1_000 });
    case 'full':
    case 'corrupt':
      return new AppError('STORE_UNAVAILABLE', {}, { cause, retryAfterMs: 10_000 });
  }
}
