import { toAppError } from '../core/errors.ts';
import type { PlainChatQuery } from '../proto/gen/types.ts';
import { readerOf } from '../proto/read-message.ts';
import type { PlainChatRequest } from './endpoints.ts';

const read = readerOf('PlainChatQuery');

/** @throws {AppError} BAD_REQUEST, which names the parameter of the query. */
export function readPlainChatQuery({ room, user, token }: PlainChatRequest): PlainChatQuery {
  try {
    return read({ room, user, token }, '') as unknown as PlainChatQuery;
  } catch (thrown) {
    throw toAppError(thrown);
  }
}
