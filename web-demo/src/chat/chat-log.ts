// The messages and quiet lines of a call as they grow. Pure: each step gives the next list.

import type { ChatEntry, EventEntry, MessageEntry } from './chat-entry.ts';

export type ChatLog = readonly ChatEntry[];

/** Older ones are forgotten: there is no history to scroll back to, and a page must not grow for ever. */
export const keptEntries = 1_000;

/** People who come or go within this time share a line. */
export const sharedLineMs = 30_000;

function kept(log: ChatLog): ChatLog {
  return log.slice(-keptEntries);
}

/**
 * A message that the server took. One's own comes twice, as the answer to sending it and as an event, in either order:
 * the second time nothing changes.
 */
export function withMessage(log: ChatLog, message: MessageEntry): ChatLog {
  return log.some((entry) => entry.id === message.id) ? log : kept([...log, message]);
}

export function withPending(log: ChatLog, pending: MessageEntry): ChatLog {
  return kept([...log, { ...pending, state: 'sending' }]);
}

export function withoutEntry(log: ChatLog, id: string): ChatLog {
  return log.filter((entry) => entry.id !== id);
}

export function withFailure(log: ChatLog, id: string, problem: string): ChatLog {
  return log.map((entry) =>
    entry.kind === 'message' && entry.id === id ? { ...entry, state: 'failed', problem } : entry,
  );
}

export function withEvent(log: ChatLog, event: EventEntry): ChatLog {
  if (event.names.length === 0) return log;
  const last = log.at(-1);
  if (last?.kind === 'event' && last.what === event.what && event.atMs - last.atMs < sharedLineMs) {
    return [...log.slice(0, -1), { ...last, names: [...last.names, ...event.names] }];
  }
  return kept([...log, event]);
}
