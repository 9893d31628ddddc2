import type { ChatEntry, EventEntry, MessageEntry } from './chat-entry.ts';

/** Messages that one person wrote one after the other: name and time stand once, above them. */
export interface MessageGroup {
  readonly kind: 'messages';
  readonly key: string;
  readonly name: string;
  readonly identity: string;
  readonly own: boolean;
  readonly sentAtMs: number;
  readonly messages: readonly MessageEntry[];
}

export interface DayLine {
  readonly kind: 'day';
  readonly key: string;
  readonly atMs: number;
}

export interface UnreadLine {
  readonly kind: 'unread';
  readonly key: 'unread';
}

export type ChatItem = MessageGroup | EventEntry | DayLine | UnreadLine;

/** A pause of this length starts a new group, so that the time above it stays true. */
export const groupPauseMs = 3 * 60_000;

interface GroupOptions {
  /** The key of the entry that is the first unread one. */
  readonly unreadFrom?: string | undefined;
  /** The day of a moment, in the reader's time zone. */
  readonly dayOf?: (atMs: number) => string;
}

export function groupEntries(
  entries: readonly ChatEntry[],
  { unreadFrom, dayOf = localDay }: GroupOptions = {},
): ChatItem[] {
  const items: ChatItem[] = [];
  let open: { group: MessageGroup; messages: MessageEntry[] } | undefined;
  let day: string | undefined;
  for (const entry of entries) {
    const atMs = entry.kind === 'message' ? entry.sentAtMs : entry.atMs;
    // What waits here carries this machine's clock: it never opens an earlier day.
    const entryDay = entry.kind === 'message' && entry.seq === undefined && day !== undefined ? day : dayOf(atMs);
    if (entryDay !== day) {
      open = undefined;
      day = entryDay;
      items.push({ kind: 'day', key: `day ${entry.key}`, atMs });
    }
    if (entry.key === unreadFrom) {
      open = undefined;
      items.push({ kind: 'unread', key: 'unread' });
    }
    if (entry.kind === 'event') {
      open = undefined;
      items.push(entry);
      continue;
    }
    const last = open?.messages.at(-1);
    if (open && last && continues(last, entry)) {
      open.messages.push(entry);
      continue;
    }
    const messages = [entry];
    const { identity, name, own, sentAtMs, key } = entry;
    open = { messages, group: { kind: 'messages', key, identity, name, own, sentAtMs, messages } };
    items.push(open.group);
  }
  return items;
}

function continues(last: MessageEntry, next: MessageEntry): boolean {
  return last.identity === next.identity && next.sentAtMs - last.sentAtMs <= groupPauseMs;
}

export function localDay(atMs: number): string {
  const date = new Date(atMs);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}
