import { type AppendResult, maxMarkMembers, type NewRecord } from '../../cluster/room-log.ts';
import { AppError } from '../../core/errors.ts';

/** Different ones on one message. */
export const maxReactions = 20;

/** What a caller is told when the store found that something may not be appended. */
export function toRefusal(
  result: Exclude<AppendResult, { outcome: 'appended' }>,
  { amendment }: Pick<NewRecord, 'amendment'>,
): AppError {
  if (result.outcome === 'conflict') return new AppError('CLIENT_ID_CONFLICT');
  const messageId = amendment?.target ?? '';
  switch (result.why) {
    // Who asked for a retry only has a refusal of its own to give.
    case 'not-earlier':
    case 'target-missing':
      return new AppError('MESSAGE_NOT_FOUND', { messageId });
    case 'target-erased':
      return new AppError('MESSAGE_DELETED', { messageId });
    case 'too-many-marks':
      return new AppError('TOO_MANY_REACTIONS', { limit: maxReactions, people: maxMarkMembers });
  }
}
