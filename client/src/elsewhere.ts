// A room may be served by another node than the one that the client is connected to: it goes there, and asks again.

import { ParleyError } from './errors.ts';

/** So often it goes on for one join. The server stops sending it on before that. */
export const maxHops = 3;

/** Where the server would have the client join the room; undefined: the error is about something else. */
export function nodeIn(error: unknown): string | undefined {
  if (!(error instanceof ParleyError) || error.reason !== 'ROOM_ELSEWHERE') return undefined;
  return error.details['url'] || undefined;
}

/** The connection was left for another node while the call was open. */
export function wasMoving(error: unknown): boolean {
  return error instanceof ParleyError && error.cause instanceof ParleyError && error.cause.reason === 'MOVE_REQUESTED';
}
