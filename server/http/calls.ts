import { AppError } from '../../core/errors.ts';
import { parseRoomId, type RoomId } from '../../core/ids.ts';
import { grantsIn, requireGrant } from '../../signaling/grants.ts';
import type { TokenVerifier } from '../../signaling/token-verifier.ts';
import { jsonAnswer } from '../gateway/error-answer.ts';
import type { HttpHandler } from '../gateway/http-routes.ts';
import type { CallJournal, WantedLines } from '../quality/call-journal.ts';
import { bearerTokenOf } from './bearer-token.ts';
import type { OperatorCheck } from './operator-check.ts';

const maxLines = 200;
const kinds: readonly string[] = ['client', 'chat', 'phone'];

/**
 * `GET /api/v1/calls?room=standup` with `Authorization: Bearer <token>` whose grants there have `moderate`: how the newest
 * 200 calls of peers in that room were, as in `{ calls: [{ identity, score: { min, p10, median }, durationMs, … }] }`. Operators may
 * ask without `room`. `kind=phone`: of phones alone; `before=1763856000000`: of those who left before.
 */
export function createCallsHandler(parts: {
  readonly journal: CallJournal;
  readonly verifier: TokenVerifier;
  readonly requireOperator: OperatorCheck;
}): HttpHandler {
  return async (request) => {
    const { headers, query } = request;
    const wanted = readWanted(query);
    if (wanted.room === undefined) await parts.requireOperator(request);
    else {
      const { grants } = await parts.verifier.verify(bearerTokenOf({ headers }));
      requireGrant(grantsIn(wanted.room, grants), 'moderate');
    }
    return jsonAnswer(200, { calls: await parts.journal.read(wanted, maxLines) });
  };
}

/** @throws {AppError} BAD_REQUEST */
function readWanted(query: URLSearchParams): WantedLines & { readonly room: RoomId | undefined } {
  const [name, kind, before] = [query.get('room'), query.get('kind'), query.get('before')];
  const room = name === null ? undefined : parseRoomId(name);
  if (name !== null && room === undefined) refuse('room', 'must be the name of a room');
  if (kind !== null && !kinds.includes(kind)) refuse('kind', `must be one of ${kinds.join(', ')}`);
  const beforeMs = before === null ? undefined : Number(before);
  // What a date can hold.
  if (beforeMs !== undefined && !(before !== '' && Math.abs(beforeMs) <= 8.64e15)) {
    refuse('before', 'must be in milliseconds since 1970');
  }
  return { room, kind: kind ?? undefined, beforeMs };
}

function refuse(field: string, problem: string): never {
  throw new AppError('BAD_REQUEST', { field, problem });
}
