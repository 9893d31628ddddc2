// Records as the script `append` takes them: some of them a call, those of one room together.

import type { Amendment, NewRecord } from '../room-log.ts';
import { searchWords } from '../search-words.ts';
import { partitionOf, tagOfPartition } from './tags.ts';

/** Redis does nothing else while a call runs: so many take it less than a millisecond. */
const maxRecords = 64;
const maxBytes = 256 * 1024;

export interface PackedCall {
  /** Of a partition; where calls are not split, of any. */
  readonly tag: string;
  /** By room, in the order of their first records: where its records stand in the batch. */
  readonly rooms: readonly (readonly number[])[];
  /** Of the script, from the number of rooms on. */
  readonly args: readonly string[];
}

interface Room {
  readonly name: string;
  readonly tag: string;
  readonly at: number[];
  readonly args: string[];
}

interface Collected {
  readonly tag: string;
  readonly rooms: Map<string, Room>;
  records: number;
  bytes: number;
}

/**
 * Calls in the order in which they are to be made. `split`: each with rooms of one partition alone, as a Redis Cluster needs it;
 * elsewhere the more records share a call, the less each of them costs.
 */
export function packAppends(records: readonly NewRecord[], split: boolean): PackedCall[] {
  const calls: PackedCall[] = [];
  const open = new Map<string, Collected>();
  for (const [at, record] of records.entries()) {
    const tag = tagOfPartition(partitionOf(record.room));
    const place = split ? tag : '';
    let call = open.get(place);
    if (!call) {
      call = { tag, rooms: new Map(), records: 0, bytes: 0 };
      open.set(place, call);
    }
    let room = call.rooms.get(record.room);
    if (!room) {
      room = { name: record.room, tag, at: [], args: [] };
      call.rooms.set(record.room, room);
    }
    room.at.push(at);
    call.bytes += pushRecord(room.args, record);
    call.records += 1;
    if (call.records < maxRecords && call.bytes < maxBytes) continue;
    calls.push(toCall(call));
    open.delete(place);
  }
  for (const call of open.values()) calls.push(toCall(call));
  return calls;
}

function toCall({ tag, rooms }: Collected): PackedCall {
  const all = [...rooms.values()];
  const args = [String(all.length)];
  for (const room of all) args.push(room.name, room.tag, String(room.at.length), ...room.args);
  return { tag, rooms: all.map(({ at }) => at), args };
}

/** Answers with about how many bytes they are. */
function pushRecord(args: string[], record: NewRecord): number {
  const { messageId, sender, clientId } = record;
  const flags = (record.kind === 'message' ? 'm' : '') + (record.retryOnly ? 'r' : '');
  const client = clientId === '' ? '' : clientNameOf(sender, clientId);
  const body = bodyOf(record);
  const text = record.searchText === '' ? '' : `${sender}\0${wordsOf(record.searchText)}`;
  const extra = extraOf(record);
  args.push(flags, messageId, client, body, text, extra);
  return body.length + text.length + extra.length;
}

const clientNameOf = (sender: string, clientId: string): string => `${sender}\0${clientId}`;

/** Each word between spaces, so that a search for whole words is one for texts. */
const wordsOf = (searchText: string): string => ` ${searchWords(searchText).join(' ')} `;

function bodyOf(record: NewRecord): string {
  const { contentHash, messageId, atMs, kind, sender, clientId, threadId, mentions, payload } = record;
  const header = jsonOf([
    messageId,
    atMs,
    kind,
    sender,
    clientId,
    threadId,
    ...(mentions.length > 0 ? [mentions] : []),
  ]);
  return `${lineOf(contentHash)}\n${header}\n${payload}`;
}

/** In one line, whatever it is; two that differ stay different. */
const lineOf = (text: string): string => (/["\n]/.test(text) ? JSON.stringify(text) : text);

/** As Redis can read it: its JSON has no halves of a surrogate pair. In UTF-8 they would be lost all the same. */
function jsonOf(value: object): string {
  const json = JSON.stringify(value);
  if (!json.includes('\\ud')) return json;
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'string' ? inner.toWellFormed() : inner));
}

const wellFormedKeys = (facts: Readonly<Record<string, string | null>>): Record<string, string | null> =>
  Object.fromEntries(Object.entries(facts).map(([key, value]) => [key.toWellFormed(), value]));

function extraOf(record: NewRecord): string {
  const { mentions, threadId, amendment, facts, fence } = record;
  const hasMentions = mentions.length > 0 && record.searchText !== '';
  if (!hasMentions && threadId === '' && !amendment && !facts && fence === undefined) return '';
  return jsonOf({
    ...(hasMentions && { n: 1 }),
    ...(threadId !== '' && { t: threadId }),
    ...(amendment && { a: packAmendment(amendment) }),
    ...(facts && { f: jsonOf(wellFormedKeys(facts)) }),
    ...(fence !== undefined && { e: fence }),
  });
}

function packAmendment(amendment: Amendment): object {
  if (amendment.kind !== 'replace') return amendment;
  const { searchText, ...rest } = amendment;
  return { ...rest, text: searchText === '' ? '' : wordsOf(searchText) };
}
