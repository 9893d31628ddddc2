// Records on their way to the thread, and its answers on their way back, as flat arrays. As objects each record cost 2 to 4 µs to
// send and 4 to 8 µs to receive, with the answer; flat it is 1 to 2 µs on each side.

import type { MessageId } from '../../core/ids.ts';
import type { AppendResult, NewRecord } from '../room-log.ts';

export interface PackedRecords {
  readonly length: number;
  /** Of each record {@link slots}; what few records have is in the last one. */
  readonly fields: readonly (string | number | Rare | undefined)[];
}
type Rare = Pick<NewRecord, 'mentions' | 'amendment' | 'facts' | 'retryOnly'>;

/** Of each record two: number and epoch of one that was appended now, or 0 and any other answer. */
export type PackedAnswers = readonly (number | string | AppendResult)[];

const slots = 11;

export function packRecords(records: readonly NewRecord[]): PackedRecords {
  const fields: PackedRecords['fields'][number][] = [];
  for (const it of records) {
    const { mentions, amendment, facts, retryOnly } = it;
    const isRare = mentions.length > 0 || amendment || facts || retryOnly;
    const rare: Rare | undefined = isRare
      ? { mentions, ...(amendment && { amendment }), ...(facts && { facts }), ...(retryOnly && { retryOnly }) }
      : undefined;
    fields.push(it.room, it.messageId, it.kind, it.sender, it.clientId, it.contentHash, it.atMs);
    fields.push(it.payload, it.searchText, it.threadId, rare);
  }
  return { length: records.length, fields };
}

export function unpackRecords({ length, fields }: PackedRecords): NewRecord[] {
  const records: NewRecord[] = [];
  for (let at = 0; at < length * slots; at += slots) {
    records.push({
      room: fields[at] as string,
      messageId: fields[at + 1] as MessageId,
      kind: fields[at + 2] as string,
      sender: fields[at + 3] as string,
      clientId: fields[at + 4] as string,
      contentHash: fields[at + 5] as string,
      atMs: fields[at + 6] as number,
      payload: fields[at + 7] as string,
      searchText: fields[at + 8] as string,
      threadId: fields[at + 9] as string,
      ...((fields[at + 10] as Rare | undefined) ?? nothingRare),
    });
  }
  return records;
}

const nothingRare: Rare = { mentions: [] };

export function packAnswers(results: readonly AppendResult[]): PackedAnswers {
  const answers: PackedAnswers[number][] = [];
  for (const it of results) {
    if (it.outcome === 'appended' && !it.duplicate) answers.push(it.seq, it.epoch);
    else answers.push(0, it);
  }
  return answers;
}

export function unpackAnswers(answers: PackedAnswers, records: readonly NewRecord[]): AppendResult[] {
  return records.map(({ messageId, atMs }, index) => {
    const seq = answers[2 * index] as number;
    const other = answers[2 * index + 1];
    if (seq === 0) return other as AppendResult;
    return { outcome: 'appended', epoch: other as string, seq, messageId, atMs, duplicate: false };
  });
}
