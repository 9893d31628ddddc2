// The newest records of a room, as they are now: what most readers that come back ask for.

import type { LogRecord } from '../../proto/gen/types.ts';
import { amended } from './amended.ts';

export const maxRingRecords = 128;
export const maxRingBytes = 256 * 1024;

interface Kept {
  record: LogRecord;
  bytes: number;
}

/** A place in the log, with the proof that it is this log. */
export interface LogPlace {
  readonly seq: number;
  readonly messageId: string;
}

export interface RecordPage {
  readonly records: LogRecord[];
  readonly more: boolean;
  readonly bytes: number;
}

export class RecordRing {
  /** The record before the oldest one here. */
  #base: LogPlace;
  readonly #kept: Kept[] = [];
  #bytes = 0;

  constructor(base: LogPlace) {
    this.#base = base;
  }

  get base(): LogPlace {
    return this.#base;
  }

  get size(): number {
    return this.#kept.length;
  }

  /** What the records take, as they are now. */
  get bytes(): number {
    return this.#bytes;
  }

  get newest(): LogRecord | undefined {
    return this.#kept.at(-1)?.record;
  }

  /** The next record of the log. What it changes in earlier ones is changed here. */
  push(record: LogRecord, bytes = sizeOf(record)): void {
    if (record.targetId !== undefined) this.#amend(record);
    this.#kept.push({ record, bytes });
    this.#bytes += bytes;
    while (this.#kept.length > maxRingRecords || this.#bytes > maxRingBytes) this.#dropOldest();
  }

  /** Records before this one were forgotten. */
  dropBefore(seq: number): void {
    while ((this.#kept[0]?.record.seq ?? seq) < seq) this.#dropOldest();
  }

  /** The log is another one. */
  restart(base: LogPlace): void {
    this.#base = { seq: base.seq, messageId: base.messageId };
    this.#kept.length = 0;
    this.#bytes = 0;
  }

  /** Whether everything behind this place is here, and whether the place itself can be proved. */
  covers(seq: number): boolean {
    return seq >= this.#base.seq;
  }

  /** The id of a record that is here, or of the one before. */
  messageIdAt(seq: number): string | undefined {
    return seq === this.#base.seq ? this.#base.messageId : this.#at(seq)?.record.messageId;
  }

  find(messageId: string): LogRecord | undefined {
    return this.#kept.find(({ record }) => record.messageId === messageId)?.record;
  }

  /** What somebody appended with this client id. */
  findSent(identity: string, clientId: string): LogRecord | undefined {
    return this.#kept.find(({ record }) => record.clientId === clientId && record.identity === identity)?.record;
  }

  /** What follows a place that is covered. A page has at least one record where there is one. */
  after(seq: number, limits: { maxRecords: number; maxBytes: number }): RecordPage {
    const records: LogRecord[] = [];
    let bytes = 0;
    for (let index = seq - this.#base.seq; index < this.#kept.length; index++) {
      const kept = this.#kept[index];
      if (kept === undefined) break;
      if (records.length > 0 && (records.length >= limits.maxRecords || bytes + kept.bytes > limits.maxBytes)) {
        return { records, more: true, bytes };
      }
      records.push(kept.record);
      bytes += kept.bytes;
    }
    return { records, more: false, bytes };
  }

  /** The newest ones below a place, or undefined where they are not all here. `firstSeq` is the oldest of the log. */
  before(seq: number, firstSeq: number, limits: { maxRecords: number; maxBytes: number }): LogRecord[] | undefined {
    const end = Math.min(seq - 1 - this.#base.seq, this.#kept.length);
    const start = end - limits.maxRecords;
    if (end < 0 || (start < 0 && this.#base.seq >= firstSeq)) return undefined;
    const page = this.#kept.slice(Math.max(start, 0), end);
    const bytes = page.reduce((sum, kept) => sum + kept.bytes, 0);
    return bytes > limits.maxBytes ? undefined : page.map(({ record }) => record);
  }

  #amend(change: LogRecord): void {
    for (const kept of this.#kept) {
      const record = amended(kept.record, change);
      if (record === kept.record) continue;
      const bytes = sizeOf(record);
      this.#bytes += bytes - kept.bytes;
      kept.record = record;
      kept.bytes = bytes;
    }
  }

  #at(seq: number): Kept | undefined {
    return this.#kept[seq - this.#base.seq - 1];
  }

  #dropOldest(): void {
    const oldest = this.#kept.shift();
    if (oldest === undefined) return;
    this.#bytes -= oldest.bytes;
    const { seq, messageId } = oldest.record;
    this.#base = { seq, messageId };
  }
}

const bytesBesidesTexts = 300;

/** About what a record takes in a frame. */
export function sizeOf({ name, message, text, clientId, identity }: LogRecord): number {
  let bytes = bytesBesidesTexts + name.length + identity.length + clientId.length;
  if (text !== undefined) bytes += Buffer.byteLength(text);
  if (message === undefined) return bytes;
  bytes += Buffer.byteLength(message.text);
  for (const mention of message.mentions) bytes += mention.length + 3;
  for (const { emoji, identities } of message.reactions) {
    bytes += emoji.length + 32;
    for (const identity of identities) bytes += identity.length + 3;
  }
  return bytes;
}
