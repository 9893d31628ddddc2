import type { LogRecord } from '@parley/client';
import type { ChatEntry } from './chat-entry.ts';

/** The key of the entry above which “New messages” stands: the first message of somebody else behind what was read. */
export function unreadFrom(entries: readonly ChatEntry[], readSeq: number | undefined): string | undefined {
  if (readSeq === undefined) return undefined;
  const isUnread = (entry: ChatEntry): boolean =>
    entry.kind === 'message' &&
    !entry.own &&
    entry.deletedBy === undefined &&
    entry.seq !== undefined &&
    entry.seq > readSeq;
  return entries.find(isUnread)?.key;
}

interface Arrival {
  readonly unread: { readonly messages: number; readonly readSeq: number };
  /** The newest record when the reader came into the room. */
  readonly arrivedSeq: number;
  readonly records: readonly LogRecord[];
  readonly ownIdentity: string;
}

/**
 * The record behind which the line belongs. Who reads here for the first time has missed nothing of what was before: for
 * them only what came since they came is new. Without anything before it there is no line: it would say nothing.
 */
export function lineAfterOf({ unread, arrivedSeq, records, ownIdentity }: Arrival): number | undefined {
  if (unread.messages === 0) return undefined;
  if (unread.readSeq > 0) return unread.readSeq;
  const cameSince = records.some(
    ({ kind, seq, identity }) => kind === 'message' && identity !== ownIdentity && seq > arrivedSeq,
  );
  return arrivedSeq > 0 && cameSince ? arrivedSeq : undefined;
}
