// Between a record of the contract and what the store keeps of it.

import { hash } from 'node:crypto';
import type { NewRecord, StoredRecord } from '../../cluster/room-log.ts';
import type { MessageId, RoomId } from '../../core/ids.ts';
import type { LogRecord, MessageContent } from '../../proto/gen/types.ts';
import type { LogEntry, RecordContent } from './log-entry.ts';

/** What the store keeps as JSON: what the kind brings, and the author's name. */
type Payload = RecordContent & { readonly name?: string };

/** Reactions and the number of the last change are not in it: the store keeps them beside it. */
export function toPayload(content: RecordContent, name: string): string {
  return JSON.stringify(
    content.message === undefined ? { name, ...content } : { name, message: toKept(content.message) },
  );
}

type KeptMessage = Omit<MessageContent, 'reactions' | 'changedSeq'>;

/** What is undefined is left out of the JSON. Each member by its name: taking some out of a copy costs several times as much. */
function toKept(message: MessageContent): { [Member in keyof Required<KeptMessage>]: KeptMessage[Member] | undefined } {
  const { text, replyTo, threadId, mentions, editedAtMs, deletedBy } = message;
  return { text, replyTo, threadId, mentions, editedAtMs, deletedBy };
}

export function toNewRecord(room: RoomId, messageId: MessageId, entry: LogEntry, atMs: number): NewRecord {
  const { author, kind, content, clientId = '', amendment, facts, refusal, fence } = entry;
  const record = {
    room,
    messageId,
    kind,
    sender: author?.identity ?? '',
    clientId,
    contentHash: clientId === '' ? '' : hashOf(entry),
    atMs,
    payload: toPayload(content, author?.name ?? ''),
    searchText: entry.searchText ?? '',
    mentions: entry.mentions ?? [],
    threadId: entry.threadId ?? '',
  };
  if (amendment === undefined && facts === undefined && refusal === undefined && fence === undefined) return record;
  return {
    ...record,
    ...(amendment && { amendment }),
    ...(facts && { facts }),
    ...(refusal && { retryOnly: true }),
    ...(fence !== undefined && { fence }),
  };
}

/** The record that an entry becomes, before anything changed it. */
export function toFreshRecord(record: NewRecord, entry: LogEntry, seq: number): LogRecord {
  const { kind, author, content } = entry;
  const { messageId, atMs, sender: identity, clientId } = record;
  const name = author?.name ?? '';
  const { message } = content;
  // Nearly all of them, and a message brings nothing else: written out, it is made at a fraction of the cost.
  if (kind === 'message' && message !== undefined) {
    return { seq, messageId, kind, atMs, identity, name, clientId, message };
  }
  return { ...content, seq, messageId, kind, atMs, identity, name, clientId };
}

type Unchanged = Omit<StoredRecord, 'erased' | 'marks' | 'amendedSeq'>;
/** What later records changed; nothing by default. */
type Changes = Partial<Pick<StoredRecord, 'erased' | 'marks' | 'amendedSeq'>>;

export function toLogRecord(stored: Unchanged & Changes): LogRecord {
  const { seq, messageId, atMs, sender: identity, clientId } = stored;
  const kind = stored.kind as LogRecord['kind'];
  const payload = parsePayload(stored.payload);
  const { name = '', message } = payload;
  if (kind !== 'message') {
    const { name: _name, ...content } = payload;
    return { ...content, seq, messageId, kind, atMs, identity, name, clientId };
  }
  // Nearly all of them: written out, as in toFreshRecord. What was parsed is nobody else's.
  const whole = message ?? ({} as MessageContent);
  whole.text ??= '';
  whole.mentions ??= [];
  if (stored.erased) whole.deletedBy ??= '';
  whole.reactions = stored.marks === undefined ? [] : toReactions(stored.marks);
  whole.changedSeq = stored.amendedSeq ?? 0;
  return { seq, messageId, kind, atMs, identity, name, clientId, message: whole };
}

function toReactions(marks: StoredRecord['marks']): MessageContent['reactions'] {
  return Object.entries(marks).map(([emoji, identities]) => ({ emoji, identities: [...identities] }));
}

function parsePayload(payload: string): Payload {
  return payload === '' ? {} : (JSON.parse(payload) as Payload);
}

/**
 * Of what the client asked for. A reply's thread is not: the same request leads elsewhere once the message that it answers
 * was forgotten.
 */
function hashOf({ kind, content }: LogEntry): string {
  const { message } = content;
  if (kind !== 'message' || message === undefined) return hash('sha256', JSON.stringify([kind, content]), 'base64url');
  const { text, replyTo = '', mentions } = message;
  // One line of JSON, then the text: no other message looks like this one.
  const asked = replyTo === '' && mentions.length === 0 ? '' : JSON.stringify([replyTo, mentions]);
  return hash('sha256', `${kind}${asked}\n${text}`, 'base64url');
}
