// The calls that somebody had, as the server's list of them tells it.

import type { RoomLog } from '../../cluster/room-log.ts';
import { AppError } from '../../core/errors.ts';
import type { CallStep, CallSummary, ListCallsResponse } from '../../proto/gen/types.ts';
import { toStoreProblem } from '../log/store-problem.ts';
import { toLogRecord } from '../log/stored-payload.ts';
import { callsOf } from '../people/room-names.ts';

const defaultPage = 50;
const maxPageBytes = 256 * 1024;

/** The newest first. @throws {AppError} by rejection: BAD_REQUEST, STORE_UNAVAILABLE and its like. */
export async function readCallList(
  roomLog: RoomLog,
  identity: string,
  { pageToken, pageSize }: { readonly pageToken: string; readonly pageSize: number },
): Promise<ListCallsResponse> {
  const before = pageToken === '' ? Number.MAX_SAFE_INTEGER : Number(pageToken);
  if (!Number.isSafeInteger(before) || before < 1) {
    throw new AppError('BAD_REQUEST', { field: 'pageToken', problem: 'is none that the server gave' });
  }
  const request = {
    room: callsOf(identity),
    from: { before },
    maxRecords: pageSize || defaultPage,
    maxBytes: maxPageBytes,
  };
  const [page] = await roomLog.read([request]).catch((thrown: unknown) => {
    throw toStoreProblem(thrown);
  });
  const calls: CallSummary[] = [];
  for (const stored of page?.records ?? []) {
    const { call } = toLogRecord(stored);
    if (call !== undefined) calls.unshift(summaryOf(call, identity));
  }
  const [oldest] = page?.records ?? [];
  return { calls, nextPageToken: page?.more && oldest ? String(oldest.seq) : '' };
}

function summaryOf(call: CallStep, reader: string): CallSummary {
  const { callId, room, legs, reason, subject, startedAtMs = 0, durationMs = 0 } = call;
  const [caller] = legs;
  const wasAnswered = legs.some(({ identity, answeredAtMs }) => identity === reader && answeredAtMs !== undefined);
  const direction = caller?.identity === reader ? 'outgoing' : wasAnswered ? 'incoming' : 'missed';
  return { callId, room, direction, startedAtMs, durationMs, endReason: reason, legs, subject };
}
