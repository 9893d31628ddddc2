import { expect, test } from 'vitest';
import { newRecord } from '../contract/room.contract.ts';
import type { AppendResult } from '../room-log.ts';
import { packAnswers, packRecords, unpackAnswers, unpackRecords } from './packed-appends.ts';

const records = [
  newRecord('a', { clientId: 'c1', threadId: 'm_1', sender: '', searchText: 'ä' }),
  newRecord('b', { mentions: ['bob'], facts: { key: 'value', other: null } }),
  newRecord('a', { amendment: { kind: 'erase', target: 'm_1', payload: '' } }),
  newRecord('a', { retryOnly: true }),
];

test('records come out as they went in', () => {
  expect(unpackRecords(structuredClone(packRecords(records)))).toEqual(records);
  expect(unpackRecords(packRecords([]))).toEqual([]);
});

test('answers come out as they went in', () => {
  const appended = { outcome: 'appended', epoch: 'e', seq: 3, duplicate: false } as const;
  const results: AppendResult[] = [
    { ...appended, messageId: records[0]!.messageId, atMs: records[0]!.atMs },
    { ...appended, messageId: records[3]!.messageId, atMs: 77, duplicate: true },
    { outcome: 'conflict' },
    { outcome: 'refused', why: 'not-earlier' },
  ];
  expect(unpackAnswers(structuredClone(packAnswers(results)), records)).toEqual(results);
});
