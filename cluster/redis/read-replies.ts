// What the scripts answer and publish, as the port has it.

import type { MessageId } from '../../core/ids.ts';
import type { AppendResult, Head, ReadPage, StoredRecord } from '../room-log.ts';
import type { PackedCall } from './pack-appends.ts';
import type { Reply } from './redis-connection.ts';

type Header = readonly [
  messageId: MessageId,
  atMs: number,
  kind: string,
  sender: string,
  clientId: string,
  threadId: string,
];
type Refusal = Extract<AppendResult, { outcome: 'refused' }>['why'];

const refusals: Readonly<Record<string, Refusal>> = {
  M: 'target-missing',
  X: 'target-erased',
  T: 'too-many-marks',
  N: 'not-earlier',
  O: 'not-owner',
};

/** @throws {TypeError} when it is no array: then somebody else answers. */
export function arrayOf(reply: Reply | undefined): readonly Reply[] {
  if (!Array.isArray(reply)) throw new TypeError('Redis answered with something else than an array.');
  return reply;
}

const textOf = (reply: Reply | undefined): string => String(reply ?? '');

/** Puts the outcomes where their records stand in the batch. */
export function readAppended(
  reply: Reply,
  call: PackedCall,
  idOf: (at: number) => { messageId: MessageId; atMs: number },
  results: AppendResult[],
): void {
  const words = arrayOf(reply);
  let at = 0;
  const next = () => textOf(words[at++]);
  for (const places of call.rooms) {
    const epoch = next();
    let seq = Number(next());
    let previousId = next();
    const letters = next();
    for (const [index, place] of places.entries()) {
      const letter = letters.charAt(index);
      if (letter === 'A') {
        const { messageId, atMs } = idOf(place);
        results[place] = { outcome: 'appended', epoch, seq, messageId, atMs, duplicate: false, previousId };
        previousId = messageId;
        seq += 1;
      } else if (letter === 'D') {
        const earlier = Number(next());
        const [messageId, atMs] = JSON.parse(next()) as Header;
        results[place] = { outcome: 'appended', epoch, seq: earlier, messageId, atMs, duplicate: true };
      } else results[place] = refusalOf(letter);
    }
  }
}

function refusalOf(letter: string): AppendResult {
  const why = refusals[letter];
  return why === undefined ? { outcome: 'conflict' } : { outcome: 'refused', why };
}

export function readHead([epoch, seq, firstSeq, messageId, trimmedMessageId]: readonly Reply[]): Head {
  return {
    epoch: textOf(epoch),
    seq: Number(seq),
    messageId: textOf(messageId),
    firstSeq: Number(firstSeq),
    trimmedMessageId: textOf(trimmedMessageId),
  };
}

/** Of an array of names and values in turn. */
export function readPairs(reply: Reply | undefined): Record<string, string> {
  const words = arrayOf(reply);
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < words.length; at += 2) pairs.push([textOf(words[at]), textOf(words[at + 1])]);
  return Object.fromEntries(pairs);
}

/** In the direction of reading. */
export function readPage(reply: Reply): ReadPage {
  const words = arrayOf(reply);
  return {
    head: readHead(words),
    fingerprint: textOf(words[5]),
    records: readRecords(words.slice(7)),
    more: words[6] === '1',
  };
}

/** Of numbers, bodies and changes in turn. */
export function readRecords(words: readonly Reply[]): StoredRecord[] {
  const records: StoredRecord[] = [];
  for (let at = 0; at + 2 < words.length; at += 3) {
    const record = readBody(Number(words[at]), textOf(words[at + 1]));
    records.push({ ...record, ...readChanges(textOf(words[at + 2])) });
  }
  return records;
}

type Unchanged = Omit<StoredRecord, 'erased' | 'marks' | 'amendedSeq'>;

export function readBody(seq: number, body: string): Unchanged {
  const afterHash = body.indexOf('\n') + 1;
  const afterHeader = body.indexOf('\n', afterHash) + 1;
  const header = JSON.parse(body.slice(afterHash, afterHeader)) as Header;
  const [messageId, atMs, kind, sender, clientId, threadId] = header;
  return { seq, messageId, kind, sender, clientId, atMs, payload: body.slice(afterHeader), threadId };
}

function readChanges(json: string): Pick<StoredRecord, 'erased' | 'marks' | 'amendedSeq'> {
  if (json === '') return { erased: false, marks: {}, amendedSeq: 0 };
  const { a = 0, e = 0, m = [] } = JSON.parse(json) as { a?: number; e?: number; m?: [string, string[]][] };
  return { erased: e === 1, marks: Object.fromEntries(m), amendedSeq: a };
}
