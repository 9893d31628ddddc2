import type { Clock, Timer } from '../../core/clock.ts';
import { AppError, type ErrorReason } from '../../core/errors.ts';
import { mediaUnavailable } from '../unavailable.ts';

/** Longer than any deadline of the calls themselves. */
const withinMs = 5_000;
/** What the other node says of the track itself; of anything else a client need not know. */
const ofTheTrack: ReadonlySet<ErrorReason> = new Set(['PRODUCER_NOT_FOUND', 'CANNOT_CONSUME']);

/** The answer of another node. @throws {AppError} What it threw; NODE_UNREACHABLE when nothing came. */
export async function askNode<Answer>(clock: Clock, call: () => Promise<Answer>): Promise<Answer> {
  let timer: Timer | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = clock.after(withinMs, () => reject(new AppError('NODE_UNREACHABLE')));
  });
  try {
    return await Promise.race([call(), silence]);
  } finally {
    timer?.cancel();
  }
}

/** What a client is told: that its track is gone, or that it may try again. */
export function toClientError(error: unknown): AppError {
  return error instanceof AppError && ofTheTrack.has(error.reason) ? error : mediaUnavailable(error);
}
