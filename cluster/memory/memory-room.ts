// One room of the memory engine: everything about it happens in one turn, so nothing needs a lock.

import type { MessageId } from '../../core/ids.ts';
import { createEpoch } from '../epochs.ts';
import { bytesOf } from '../page-size.ts';
import {
  type Amendment,
  type AppendResult,
  type Counted,
  type Head,
  maxMarkMembers,
  type NewRecord,
  type ReadPage,
  type ReadRequest,
  type StoredRecord,
  type Watermark,
} from '../room-log.ts';
import { searchWords, wordsMatch } from '../search-words.ts';

/** How long a client id is remembered at least, when its record is trimmed earlier. */
const rememberMs = 24 * 60 * 60 * 1000;
const trimAtOnce = 1000;
const noMentions: readonly string[] = [];

type Kept = { -readonly [Key in keyof Omit<StoredRecord, 'marks'>]: StoredRecord[Key] } & {
  /** Nothing until there is one: an empty map would be half of what a short record takes. */
  marks: Map<string, Set<string>> | undefined;
  searchText: string;
  readonly mentions: readonly string[];
  /** The message whose payload this record replaced. */
  readonly replaced: string;
  /** The record that replaced its payload last. */
  lastEdit: Kept | undefined;
};
type Remembered = {
  /** Empty: any content matches. */ contentHash: string;
  seq: number;
  messageId: MessageId;
  atMs: number;
};

export class MemoryRoom {
  readonly facts = new Map<string, string>();
  /** Characters kept, for the bound of the engine. */
  size = 0;
  #epoch: string;
  #records: Kept[] = [];
  #firstSeq = 1;
  #lastId = '';
  #trimmedId = '';
  /** By id: what can be amended. A room that is quiet has more joins than messages. */
  readonly #messages = new Map<string, Kept>();
  readonly #appends = new Map<string, Remembered>();
  /** Client ids of records that were trimmed before their time to be forgotten, the oldest first. */
  #outliving: { key: string; atMs: number }[] = [];
  /** In the order in which they moved, the last one at the end. */
  readonly #watermarks = new Map<string, Watermark>();

  constructor(epoch: string) {
    this.#epoch = epoch;
  }

  get hasRecords(): boolean {
    return this.#records.length > 0;
  }

  head(): Head {
    return {
      epoch: this.#epoch,
      seq: this.#firstSeq + this.#records.length - 1,
      messageId: this.#lastId,
      firstSeq: this.#firstSeq,
      trimmedMessageId: this.#trimmedId,
    };
  }

  /** It, or another one with its client id. */
  hasAppended({ sender, clientId }: NewRecord): boolean {
    return clientId !== '' && this.#appends.has(keyOf(sender, clientId));
  }

  append(record: NewRecord): AppendResult {
    const key = record.clientId === '' ? '' : keyOf(record.sender, record.clientId);
    const earlier = this.#appends.get(key);
    if (earlier) {
      if (earlier.contentHash !== '' && earlier.contentHash !== record.contentHash) return { outcome: 'conflict' };
      const { seq, messageId, atMs } = earlier;
      return { outcome: 'appended', epoch: this.#epoch, seq, messageId, atMs, duplicate: true };
    }
    if (record.retryOnly) return { outcome: 'refused', why: 'not-earlier' };
    const seq = this.#firstSeq + this.#records.length;
    const why = record.amendment && this.#amend(record.amendment, seq);
    if (why) return { outcome: 'refused', why };
    const { messageId, atMs } = record;
    const kept: Kept = {
      seq,
      messageId,
      kind: record.kind,
      sender: record.sender,
      clientId: record.clientId,
      atMs,
      payload: record.payload,
      threadId: record.threadId,
      erased: false,
      marks: undefined,
      amendedSeq: 0,
      searchText: record.searchText,
      mentions: record.mentions.length === 0 ? noMentions : [...record.mentions],
      replaced: record.amendment?.kind === 'replace' ? record.amendment.target : '',
      lastEdit: undefined,
    };
    const replaced = this.#messages.get(kept.replaced);
    if (replaced) replaced.lastEdit = kept;
    this.#records.push(kept);
    if (kept.kind === 'message') this.#messages.set(messageId, kept);
    this.#lastId = messageId;
    this.size += sizeOf(kept);
    if (key !== '') this.#appends.set(key, { contentHash: record.contentHash, seq, messageId, atMs });
    for (const [name, value] of Object.entries(record.facts ?? {})) {
      if (value === null) this.facts.delete(name);
      else this.facts.set(name, value);
    }
    return { outcome: 'appended', epoch: this.#epoch, seq, messageId, atMs, duplicate: false };
  }

  #amend(amendment: Amendment, seq: number): 'target-missing' | 'target-erased' | 'too-many-marks' | undefined {
    const target = this.#messages.get(amendment.target);
    if (target === undefined) return 'target-missing';
    if (target.erased) return 'target-erased';
    if (amendment.kind === 'replace') {
      this.#rewrite(target, amendment.payload, amendment.searchText);
      if (target.lastEdit) this.#rewrite(target.lastEdit, '', target.lastEdit.searchText);
    } else if (amendment.kind === 'erase') {
      this.#rewrite(target, amendment.payload, '');
      target.erased = true;
      target.marks = undefined;
      this.#forgetHash(target);
      for (const edit of this.#records) {
        if (edit.replaced !== amendment.target) continue;
        this.#rewrite(edit, '', '');
        edit.erased = true;
        this.#forgetHash(edit);
      }
    } else {
      const members = target.marks?.get(amendment.key);
      if (amendment.kind === 'unmark') {
        members?.delete(amendment.member);
        if (members?.size === 0) target.marks?.delete(amendment.key);
      } else if (members) {
        if (members.size >= maxMarkMembers && !members.has(amendment.member)) return 'too-many-marks';
        members.add(amendment.member);
      } else {
        target.marks ??= new Map();
        if (target.marks.size >= amendment.maxKeys) return 'too-many-marks';
        target.marks.set(amendment.key, new Set([amendment.member]));
      }
    }
    target.amendedSeq = seq;
    return undefined;
  }

  #forgetHash({ sender, clientId }: Kept): void {
    const append = clientId === '' ? undefined : this.#appends.get(keyOf(sender, clientId));
    if (append) append.contentHash = '';
  }

  #rewrite(record: Kept, payload: string, searchText: string): void {
    this.size -= sizeOf(record);
    record.payload = payload;
    record.searchText = searchText;
    this.size += sizeOf(record);
  }

  read({ from, maxRecords, maxBytes, threadId }: ReadRequest): ReadPage {
    const forward = 'after' in from;
    const border = forward ? from.after : from.before;
    const side = this.#records.filter(
      (it) =>
        (forward ? it.seq > border : it.seq < border) &&
        (threadId === undefined || (threadId !== '' && (it.threadId === threadId || it.messageId === threadId))),
    );
    if (!forward) side.reverse();
    const page: StoredRecord[] = [];
    let bytes = 0;
    for (const kept of side) {
      const record = toStored(kept);
      bytes += bytesOf(record);
      if (page.length > 0 && (page.length >= maxRecords || bytes > maxBytes)) break;
      page.push(record);
    }
    const more = page.length < side.length;
    if (!forward) page.reverse();
    const fingerprint = forward ? (this.#records[border - this.#firstSeq]?.messageId ?? '') : '';
    return { head: this.head(), fingerprint, records: page, more };
  }

  search(query: string, before: number, limit: number): StoredRecord[] {
    const words = searchWords(query);
    const found: StoredRecord[] = [];
    for (let at = this.#records.length - 1; at >= 0 && found.length < limit; at--) {
      const record = this.#records[at];
      if (!record || record.seq >= before || record.searchText === '') continue;
      if (wordsMatch(searchWords(record.searchText), words)) found.push(toStored(record));
    }
    return found;
  }

  trim({ beforeMs, keep }: { beforeMs: number; keep: number }, nowMs: number): { trimmed: number; more: boolean } {
    const spare = keep > 0 ? this.#records.length - keep : 0;
    let end = 0;
    for (const { atMs } of this.#records) {
      if (end >= spare && atMs >= beforeMs) break;
      end++;
    }
    const gone = this.#records.splice(0, Math.min(end, trimAtOnce));
    for (const record of gone) {
      this.#messages.delete(record.messageId);
      this.size -= sizeOf(record);
      if (record.clientId === '') continue;
      this.#outliving.push({ key: keyOf(record.sender, record.clientId), atMs: record.atMs });
    }
    this.#firstSeq += gone.length;
    this.#trimmedId = gone.at(-1)?.messageId ?? this.#trimmedId;
    this.#outliving = this.#outliving.filter(({ key, atMs }) => {
      const old = atMs < nowMs - rememberMs;
      if (old) this.#appends.delete(key);
      return !old;
    });
    if (this.#records.length === 0 && this.facts.size === 0) this.#watermarks.clear();
    return { trimmed: gone.length, more: end > gone.length };
  }

  bumpEpoch(epoch: string): string {
    if (epoch === this.#epoch) this.#epoch = createEpoch();
    return this.#epoch;
  }

  mark({ room, identity, delivered, read }: Watermark): void {
    const last = this.#watermarks.get(identity) ?? { delivered: 0, read: 0 };
    if (delivered <= last.delivered && read <= last.read) return;
    this.#watermarks.delete(identity);
    const moved = { delivered: Math.max(delivered, last.delivered), read: Math.max(read, last.read) };
    this.#watermarks.set(identity, { room, identity, ...moved });
  }

  watermarks(): Watermark[] {
    return [...this.#watermarks.values()].reverse().slice(0, 1000);
  }

  watermarkOf({ room, identity }: { room: string; identity: string }): Watermark {
    return this.#watermarks.get(identity) ?? { room, identity, delivered: 0, read: 0 };
  }

  count(after: number, identity: string, limit: number): Counted {
    const others = this.#records.filter((it) => it.seq > after && it.searchText !== '' && it.sender !== identity);
    const mentions = others.filter((it) => it.mentions.includes(identity)).length;
    return { messages: Math.min(others.length, limit), mentions: Math.min(mentions, limit) };
  }
}

const keyOf = (sender: string, clientId: string): string => JSON.stringify([sender, clientId]);

/** What a record costs beside its texts is about this. */
const recordSize = 300;
const sizeOf = ({ payload, searchText }: Kept): number => recordSize + payload.length + searchText.length;

function toStored({
  searchText: _text,
  mentions: _mentions,
  replaced: _replaced,
  lastEdit: _lastEdit,
  marks,
  ...record
}: Kept): StoredRecord {
  return { ...record, marks: Object.fromEntries(Array.from(marks ?? [], ([key, members]) => [key, [...members]])) };
}
