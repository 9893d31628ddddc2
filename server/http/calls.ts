import { AppError } from '../../core/errors.ts';
import { parseRoomId } from '../../core/ids.ts';
import { grantsIn, requireGrant } from '../../signaling/grants.ts';
import type { TokenVerifier } from '../../signaling/token-verifier.ts';
import { jsonAnswer } from '../gateway/error-answer.ts';
import type { HttpHandler } from '../gateway/http-routes.ts';
import type { CallJournal } from '../quality/call-journal.ts';
import { bearerTokenOf } from './bearer-token.ts';

const maxLines = 200;

/**
 * `GET /api/v1/calls?room=standup` with `Authorization: Bearer <token>` whose grants there have `moderate`: how the newest
 * 200 calls of peers in that room were, as in `{ calls: [{ identity, score: { min, p10, median }, durationMs, … }] }`.
 */
export function createCallsHandler(parts: {
  readonly journal: CallJournal;
  readonly verifier: TokenVerifier;
}): HttpHandler {
  return async ({ headers, query }) => {
    const room = parseRoomId(query.get('room') ?? '');
    if (room === undefined) throw new AppError('BAD_REQUEST', { field: 'room', problem: 'must be the name of a room' });
    const { grants } = await parts.verifier.verify(bearerTokenOf({ headers }));
    requireGrant(grantsIn(room, grants), 'moderate');
    const calls = await parts.journal.read(room, maxLines);
    return jsonAnswer(200, { calls });
  };
}
