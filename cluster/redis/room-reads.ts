// Reading the records of a room: so much at a time that Redis is soon free for others.

import { type Clock, systemClock } from '../../core/clock.ts';
import { bytesOf } from '../page-size.ts';
import type { ReadPage, ReadRequest, StoredRecord } from '../room-log.ts';
import { mayBeUnfinished, searchWords } from '../search-words.ts';
import { arrayOf, readPage, readRecords } from './read-replies.ts';
import type { StoreCalls } from './store-calls.ts';
import { tagOf } from './tags.ts';

const recordsAtOnce = 512;
const bytesAtOnce = 1024 * 1024;
/** Of texts that a search looks at. */
const textsAtOnce = 2_048;
const maxTexts = 1_000_000;
const maxSearchMs = 1_000;

export async function readRoom(calls: StoreCalls, request: ReadRequest): Promise<ReadPage> {
  const { room, maxRecords, maxBytes, threadId } = request;
  const forward = 'after' in request.from;
  let border = toNumber('after' in request.from ? request.from.after : request.from.before);
  const records: StoredRecord[] = [];
  let first: ReadPage | undefined;
  let bytes = 0;
  for (;;) {
    const some = Math.min(Math.max(maxRecords - records.length, 1), recordsAtOnce);
    const args = [tagOf(room), room, forward ? 'after' : 'before', String(border), String(some)];
    args.push(String(Math.min(maxBytes - bytes, bytesAtOnce)), ...(threadId === undefined ? [] : [threadId]));
    const page = readPage(await calls.runWithEpoch('read', [room], args));
    first ??= page;
    const answer = (more: boolean): ReadPage => ({
      ...(first ?? page),
      records: forward ? records : records.reverse(),
      more,
    });
    for (const record of page.records) {
      // The oldest were forgotten while the page was read.
      if (forward && threadId === undefined && records.length > 0 && record.seq !== border + 1) return answer(true);
      bytes += bytesOf(record);
      if (records.length > 0 && (records.length >= maxRecords || bytes > maxBytes)) return answer(true);
      records.push(record);
      border = record.seq;
    }
    if (!page.more || records.length >= maxRecords) return answer(page.more);
  }
}

export async function searchRoom(
  calls: StoreCalls,
  { room, query, before, limit }: { room: string; query: string; before: number; limit: number },
  clock: Clock = systemClock,
): Promise<StoredRecord[]> {
  const words = searchWords(query);
  const found: StoredRecord[] = [];
  const endMs = clock.monotonicMs() + maxSearchMs;
  let from = toNumber(before - 1);
  for (let looked = 0; words.length > 0 && looked < maxTexts; looked += textsAtOnce) {
    if (from === 0 || found.length >= limit || clock.monotonicMs() > endMs) break;
    const rest = [String(from), String(textsAtOnce), String(limit - found.length)];
    const reply = arrayOf(await calls.run('search', tagOf(room), [tagOf(room), room, ...rest, ...words.map(toPart)]));
    found.push(...readRecords(reply.slice(1)));
    from = Number(reply[0]);
  }
  return found;
}

/** A text has each of its words between spaces. */
const toPart = (word: string, at: number, words: readonly string[]): string =>
  at === words.length - 1 && mayBeUnfinished(word) ? ` ${word}` : ` ${word} `;

/** Numbers of callers may be absurd; those of records are not. */
export const toNumber = (number: number): number =>
  Math.min(Math.max(Math.trunc(number) || 0, 0), Number.MAX_SAFE_INTEGER);
