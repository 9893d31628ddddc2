import type { ParleyError } from './errors.ts';

/** Refusals to come back that may be over in a moment: a ghost of the lost session may still hold the place. */
const passing: readonly string[] = [
  'ALREADY_IN_ROOM',
  'ROOM_FULL',
  'TOO_MANY_PEERS_OF_IDENTITY',
  'TOO_MANY_ROOMS',
  'RATE_LIMITED',
  'CALL_TIMEOUT',
  'INTERNAL',
];

/**
 * What a refusal to join a room again means. `passes`: for as long as it takes; the server says when to ask again, and a store
 * may be away for an hour. `counts`: asked again a few times. `final`: the room does not let the caller in.
 */
export function judgeRejoin({ reason, code, retryAfterMs }: ParleyError): 'passes' | 'counts' | 'final' {
  const lacksSomething = code === 'UNAVAILABLE' || code === 'RESOURCE_EXHAUSTED';
  if (lacksSomething && retryAfterMs !== undefined) return 'passes';
  return code === 'UNAVAILABLE' || passing.includes(reason) ? 'counts' : 'final';
}
