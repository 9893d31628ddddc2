import type { ChatEntry } from './chat-entry.ts';

/**
 * The key of the entry above which “New messages” stands: the first message of somebody else behind what was read. None
 * when nothing was ever read here: then everything is new, and a line at its top says nothing.
 */
export function unreadFrom(entries: readonly ChatEntry[], readSeq: number | undefined): string | undefined {
  if (readSeq === undefined || readSeq === 0) return undefined;
  const isUnread = (entry: ChatEntry): boolean =>
    entry.kind === 'message' &&
    !entry.own &&
    entry.deletedBy === undefined &&
    entry.seq !== undefined &&
    entry.seq > readSeq;
  return entries.find(isUnread)?.key;
}
