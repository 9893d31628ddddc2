// Short ways to write a chat for a test.

import type { LogRecord } from '@parley/client';
import type { MessageEntry } from './chat-entry.ts';

export function entry(identity: string, sentAtMs: number, more: Partial<MessageEntry> = {}): MessageEntry {
  const key = `${identity}-${sentAtMs}`;
  return {
    kind: 'message',
    key,
    id: key,
    seq: sentAtMs + 1,
    identity,
    name: identity,
    text: 'hello',
    sentAtMs,
    own: identity === 'me',
    state: 'sent',
    problem: undefined,
    replyTo: undefined,
    threadId: undefined,
    mentions: [],
    edited: false,
    deletedBy: undefined,
    reactions: [],
    ...more,
  };
}

export function record(seq: number, kind: LogRecord['kind'], more: Partial<LogRecord> = {}): LogRecord {
  const message = { text: `text ${seq}`, mentions: [], reactions: [], changedSeq: 0 };
  return {
    seq,
    messageId: `m${seq}`,
    kind,
    atMs: seq * 1_000,
    identity: 'ada',
    name: 'Ada',
    clientId: '',
    ...(kind === 'message' && { message }),
    ...more,
  };
}
