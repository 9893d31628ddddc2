import { describe, expect, test } from 'vitest';
import { type Acknowledged, judge, Reader } from './ledger.ts';

const ack = (seq: number, epoch = 'a'): Acknowledged => ({
  room: 'red',
  author: 'ada',
  clientId: `c${epoch}${seq}`,
  messageId: `m${epoch}${seq}`,
  epoch,
  seq,
});

const record = (
  seq: number,
  { epoch = 'a', number = seq, id }: { epoch?: string; number?: number; id?: string } = {},
) => ({
  epoch,
  seq,
  messageId: id ?? `m${epoch}${seq}`,
  message: { author: 'ada', clientId: `c${epoch}${number}`, number },
});

function readerOf(...events: (ReturnType<typeof record> | { gap: [string, number, string, number] })[]): Reader {
  const reader = new Reader('bob', 'red');
  for (const event of events) {
    if (!('gap' in event)) reader.told(event);
    else {
      const [from, fromSeq, to, toSeq] = event.gap;
      reader.gap({ reason: 'epoch', before: { epoch: from, seq: fromSeq }, after: { epoch: to, seq: toSeq } });
    }
  }
  return reader;
}

const nothing = { lost: [], doubled: [], reordered: [], gaps: 0 };

describe('the judge of chaos', () => {
  test('has nothing to say of a log that was told as it is', () => {
    expect(judge([ack(1), ack(2)], [readerOf(record(1), record(2), record(3))])).toEqual(nothing);
  });

  test('misses what was acknowledged and not told', () => {
    expect(judge([ack(1), ack(2)], [readerOf(record(1))]).lost).toHaveLength(1);
  });

  test('excuses what lies in a gap that the reader was told, and nothing beside it', () => {
    const reader = readerOf(record(1), { gap: ['a', 1, 'b', 4] }, record(5, { epoch: 'b' }));
    expect(judge([ack(1), ack(2), ack(3, 'b'), ack(5, 'b')], [reader])).toEqual({ ...nothing, gaps: 1 });
    expect(judge([ack(6, 'b')], [reader]).lost).toHaveLength(1);
  });

  test('excuses an epoch that came and went while the reader was away only where a gap leads over it', () => {
    expect(judge([ack(2, 'b')], [readerOf(record(1), { gap: ['a', 1, 'c', 0] })]).lost).toEqual([]);
    expect(judge([ack(2, 'b')], [readerOf(record(1), { gap: ['a', 1, 'a', 4] })]).lost).toHaveLength(1);
  });

  test('sees a record that is told twice, and one message under two numbers', () => {
    expect(judge([], [readerOf(record(1), record(1))]).doubled).not.toEqual([]);
    expect(judge([], [readerOf(record(1), record(2, { number: 1 }))]).doubled).toHaveLength(1);
  });

  test('sees a hole that no gap was told of, and another epoch', () => {
    expect(judge([], [readerOf(record(1), record(3))]).reordered).toHaveLength(1);
    expect(judge([], [readerOf(record(1), record(2, { epoch: 'b' }))]).reordered).toHaveLength(1);
  });

  test('sees messages of one author in another order', () => {
    expect(judge([], [readerOf(record(1, { number: 2 }), record(2, { number: 1 }))]).reordered).toHaveLength(1);
  });

  test('sees a record that is told under another number than it was acknowledged with', () => {
    expect(judge([ack(2)], [readerOf(record(1, { id: 'ma2' }))]).reordered).toHaveLength(1);
  });

  test('sees that two readers were told different records of one number', () => {
    expect(judge([], [readerOf(record(1)), readerOf(record(1, { id: 'other' }))]).reordered).toHaveLength(1);
  });
});
