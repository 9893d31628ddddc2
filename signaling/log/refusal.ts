import { type AppendResult, maxMarkMembers } from '../../cluster/room-log.ts';
import { AppError } from '../../core/errors.ts';
import type { LogEntry } from './log-entry.ts';

/** Different ones on one message. */
export const maxReactions = 20;

/** What a caller is told when the store found that something may not be appended. */
export function toRefusal(
  result: Exclude<AppendResult, { outcome: 'appended' | 'failed' }>,
  { amendment, refusal }: Pick<LogEntry, 'amendment' | 'refusal'>,
  room: string,
): AppError {
  if (result.outcome === 'conflict') return new AppError('CLIENT_ID_CONFLICT');
  const messageId = amendment?.target ?? '';
  switch (result.why) {
    case 'not-earlier':
      return refusal ?? new AppError('INTERNAL');
    // Of what the server itself wrote: somebody else writes it.
    case 'not-owner':
      return new AppError('NOT_OWNER', { room });
    case 'target-missing':
      return new AppError('MESSAGE_NOT_FOUND', { messageId });
    case 'target-erased':
      return new AppError('MESSAGE_DELETED', { messageId });
    case 'too-many-marks':
      return new AppError('TOO_MANY_REACTIONS', { limit: maxReactions, people: maxMarkMembers });
  }
}
