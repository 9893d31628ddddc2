import type { ChatEntry, EventEntry, MessageEntry } from './chat-entry.ts';

/** Messages that one person wrote one after the other: name and time stand once, above them. */
export interface MessageGroup {
  readonly kind: 'messages';
  readonly key: string;
  readonly name: string;
  readonly author: string;
  readonly identity: string;
  readonly own: boolean;
  readonly sentAtMs: number;
  readonly messages: readonly MessageEntry[];
}

export type ChatGroup = MessageGroup | EventEntry;

/** A pause of this length starts a new group, so that the time above it stays true. */
export const groupPauseMs = 3 * 60_000;

export function groupMessages(entries: readonly ChatEntry[]): ChatGroup[] {
  const groups: ChatGroup[] = [];
  let open: { group: MessageGroup; messages: MessageEntry[] } | undefined;
  for (const entry of entries) {
    if (entry.kind === 'event') {
      open = undefined;
      groups.push(entry);
      continue;
    }
    const last = open?.messages.at(-1);
    if (open && last && last.author === entry.author && entry.sentAtMs - last.sentAtMs <= groupPauseMs) {
      open.messages.push(entry);
      continue;
    }
    const messages = [entry];
    const { author, identity, name, own, sentAtMs, id } = entry;
    open = { messages, group: { kind: 'messages', key: id, author, identity, name, own, sentAtMs, messages } };
    groups.push(open.group);
  }
  return groups;
}
