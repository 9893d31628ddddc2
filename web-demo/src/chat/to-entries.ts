// The log of a room as the list that its panel shows. Changes of a message are in the message already.

import type { LogRecord, OutgoingMessage } from '@parley/client';
import { explainBriefly } from '../errors/explain-error.ts';
import type { ChatEntry, EventEntry, MessageEntry } from './chat-entry.ts';

/** People who come or go within this time share a line. */
export const sharedLineMs = 30_000;

interface ToEntriesOptions {
  readonly ownIdentity: string;
  readonly ownName: string;
  /** A conversation of two says nothing of who is connected. */
  readonly isDirect: boolean;
}

export function toEntries(
  records: readonly LogRecord[],
  outgoing: readonly OutgoingMessage[],
  options: ToEntriesOptions,
): ChatEntry[] {
  const entries: ChatEntry[] = [];
  for (const record of records) {
    const { kind } = record;
    if (kind === 'edited' || kind === 'deleted' || kind === 'reaction') continue;
    if (kind === 'message') {
      entries.push(ofRecord(record, options));
      continue;
    }
    if (options.isDirect && kind !== 'opened') continue;
    const event: EventEntry = {
      kind: 'event',
      key: record.messageId,
      seq: record.seq,
      what: kind,
      atMs: record.atMs,
      lastAtMs: record.atMs,
      identities: [record.identity],
      record,
    };
    const last = entries.at(-1);
    if (last?.kind === 'event' && sharesLine(last, event)) entries[entries.length - 1] = joinLines(last, event);
    else entries.push(event);
  }
  for (const message of outgoing) entries.push(ofOutgoing(message, options));
  return entries;
}

export function ofRecord(record: LogRecord, { ownIdentity }: Pick<ToEntriesOptions, 'ownIdentity'>): MessageEntry {
  const { message } = record;
  return {
    kind: 'message',
    key: record.clientId === '' ? record.messageId : `${record.identity}/${record.clientId}`,
    id: record.messageId,
    seq: record.seq,
    identity: record.identity,
    name: record.name || record.identity,
    text: message?.text ?? '',
    sentAtMs: record.atMs,
    own: record.identity === ownIdentity,
    state: 'sent',
    problem: undefined,
    replyTo: message?.replyTo,
    threadId: message?.threadId,
    mentions: message?.mentions ?? [],
    edited: message?.editedAtMs !== undefined,
    deletedBy: message?.deletedBy,
    reactions: message?.reactions ?? [],
  };
}

function ofOutgoing(message: OutgoingMessage, { ownIdentity, ownName }: ToEntriesOptions): MessageEntry {
  return {
    kind: 'message',
    key: `${ownIdentity}/${message.clientId}`,
    id: message.clientId,
    seq: undefined,
    identity: ownIdentity,
    name: ownName,
    text: message.text,
    sentAtMs: message.createdAtMs,
    own: true,
    state: message.state,
    problem: message.error === undefined ? undefined : explainBriefly(message.error),
    replyTo: message.replyTo,
    threadId: undefined,
    mentions: message.mentions,
    edited: false,
    deletedBy: undefined,
    reactions: [],
  };
}

function sharesLine(last: EventEntry, next: EventEntry): boolean {
  const shared = next.what === 'joined' || next.what === 'left';
  return (
    shared && last.what === next.what && last.record.via === next.record.via && next.atMs - last.lastAtMs < sharedLineMs
  );
}

function joinLines(last: EventEntry, next: EventEntry): EventEntry {
  const isNamed = next.identities.every((identity) => last.identities.includes(identity));
  return {
    ...last,
    lastAtMs: next.atMs,
    identities: isNamed ? last.identities : [...last.identities, ...next.identities],
  };
}
