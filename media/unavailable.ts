import { AppError } from '../core/errors.ts';

/** A worker starts in a fraction of a second. */
const retryAfterMs = 500;

/** MEDIA_UNAVAILABLE with the time after which trying again makes sense. */
export function mediaUnavailable(cause?: unknown): AppError {
  return new AppError('MEDIA_UNAVAILABLE', {}, { retryAfterMs, cause });
}
