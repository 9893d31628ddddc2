// What the rules put into a room's log, before the log gives it a number.

import type { Amendment } from '../../cluster/room-log.ts';
import type { AppError } from '../../core/errors.ts';
import type { LogRecord } from '../../proto/gen/types.ts';

/** The members of a record that its kind brings. In the store they are its payload, as JSON. */
export type RecordContent = Omit<LogRecord, 'seq' | 'messageId' | 'kind' | 'atMs' | 'identity' | 'name' | 'clientId'>;

export interface LogEntry {
  readonly kind: LogRecord['kind'];
  /** Who does it; undefined: the server. */
  readonly author?: { readonly identity: string; readonly name: string } | undefined;
  /** The author's own name for it; the same again is a retry. Empty or absent: never a retry. */
  readonly clientId?: string;
  readonly content: RecordContent;
  /** What a search finds, and what counts as unread: the text of a message. */
  readonly searchText?: string;
  readonly mentions?: readonly string[];
  readonly threadId?: string;
  readonly amendment?: Amendment;
  /** Keyed values of the room that hold from here on; null removes one. */
  readonly facts?: Readonly<Record<string, string | null>>;
  /** Of the server itself: the term of the room's owner that it is written in, refused as NOT_OWNER once that is over. */
  readonly fence?: number;
  /** The rules refuse it, with this. Where it was taken before, under the same client id, its receipt is the answer all the same. */
  readonly refusal?: AppError;
}
