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
  const { author, kind, content, clientId = '', amendment, facts, refusal } = entry;
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
  if (amendment === undefined && facts === undefined && refusal === undefined) return record;
  return { ...record, ...(amendment && { amendment }), ...(facts && { facts }), ...(refusal && { retryOnly: true }) };
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

/** A record that nothing has changed yet. */
export function toPushedRecord(pushed: Omit<StoredRecord, 'erased' | 'marks' | 'amendedSeq'>): LogRecord {
  const { seq, messageId, kind, atMs, sender: identity, clientId } = pushed;
  const { name = '', message } = parsePayload(pushed.payload);
  if (kind !== 'message' || message === undefined) {
    return toLogRecord({ ...pushed, erased: false, marks: {}, amendedSeq: 0 });
  }
  // Nearly all of them: written out, as in toFreshRecord. The message is of this call alone.
  const whole = message as MessageContent;
  whole.reactions = [];
  whole.changedSeq = 0;
  return { seq, messageId, kind, atMs, identity, name, clientId, message: whole };
}

export function toLogRecord(stored: StoredRecord): LogRecord {
  const { name = '', ...content } = parsePayload(stored.payload);
  const record: LogRecord = {
    ...content,
    seq: stored.seq,
    messageId: stored.messageId,
    kind: stored.kind as LogRecord['kind'],
    atMs: stored.atMs,
    identity: stored.sender,
    name,
    clientId: stored.clientId,
  };
  if (record.kind === 'message') record.message = toMessage(stored, content.message);
  return record;
}

function toMessage(stored: StoredRecord, content: Partial<MessageContent> | undefined): MessageContent {
  return {
    text: '',
    mentions: [],
    ...(stored.erased && { deletedBy: '' }),
    ...content,
    reactions: Object.entries(stored.marks).map(([emoji, identities]) => ({ emoji, identities: [...identities] })),
    changedSeq: stored.amendedSeq,
  };
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
