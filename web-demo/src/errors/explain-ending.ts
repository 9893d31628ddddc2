// Why a call is over, in words for the person who was in it.

import type { ParleyError, RoomEvents } from '@parley/client';
import { explainError } from './explain-error.ts';
import type { Explanation } from './explanation.ts';

type LeftEvent = RoomEvents['left'];

export function explainLeft({ reason, explanation }: LeftEvent): Explanation {
  switch (reason) {
    case 'removed':
      return {
        title: 'A moderator removed you from the room',
        advice:
          explanation === '' ? 'You can come back when a moderator lets you in again.' : `They wrote: “${explanation}”`,
      };
    case 'closed':
      return { title: 'The room was closed', advice: explanation || 'Everybody has left it.' };
    case 'expired':
      return { title: 'Your time in this room is over', advice: 'Your token has expired. Join again with a new one.' };
    case 'refused':
      return { title: 'The room did not let you back in', advice: explanation || 'Try to join again.' };
  }
}

/** The connection ended for good. */
export function explainClosed(error: ParleyError | undefined): Explanation {
  return error === undefined
    ? { title: 'The call has ended', advice: 'You can join again at any time.' }
    : explainError(error);
}

/** What is written over the call while the connection is being made anew. */
export function explainWaiting(error: ParleyError | undefined): string {
  return error?.reason === 'SERVER_DRAINING' ? 'The server is restarting.' : 'Connection lost.';
}
