import type { ChatEntry, MessageEntry } from './chat-entry.ts';

/** How many answers each thread has, by the id of its first message. */
export function countReplies(entries: readonly ChatEntry[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind !== 'message' || entry.threadId === undefined || entry.deletedBy !== undefined) continue;
    counts.set(entry.threadId, (counts.get(entry.threadId) ?? 0) + 1);
  }
  return counts;
}

/**
 * A thread as it is now: what was fetched of it, overlaid by what the room's list has, which follows the log. What is on
 * its way stands at the end.
 */
export function threadEntries(
  id: string,
  fetched: readonly MessageEntry[],
  entries: readonly ChatEntry[],
): MessageEntry[] {
  const byKey = new Map<string, MessageEntry>();
  for (const message of fetched) byKey.set(message.key, message);
  for (const entry of entries) {
    if (entry.kind !== 'message') continue;
    const belongs = entry.id === id || entry.threadId === id;
    const waits = entry.seq === undefined && entry.replyTo !== undefined && byKeyHasId(byKey, entry.replyTo);
    if (belongs || waits) byKey.set(entry.key, entry);
  }
  const last = Number.POSITIVE_INFINITY;
  return [...byKey.values()].sort((a, b) => (a.seq ?? last) - (b.seq ?? last) || a.sentAtMs - b.sentAtMs);
}

function byKeyHasId(messages: ReadonlyMap<string, MessageEntry>, id: string): boolean {
  for (const message of messages.values()) if (message.id === id) return true;
  return false;
}
