import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newRecord } from '../contract/room.contract.ts';
import { answerCalls, type StoreCall } from './answer-calls.ts';
import { openDatabase } from './open-database.ts';
import { packRecords } from './packed-appends.ts';
import { SqliteStore } from './sqlite-store.ts';
import { tempFolder } from './testing/temp-folder.ts';

test('a value that the database does not take fails its call alone: the thread and the calls beside it go on', () => {
  using folder = tempFolder();
  const db = openDatabase({ file: join(folder.path, 'room-log.db'), durability: 'process', checkUpToBytes: 0 });
  const store = new SqliteStore(db);
  const append = (id: number, atMs: number): StoreCall => {
    return { id, method: 'appendPacked', args: [packRecords([newRecord('room', { atMs })])] };
  };
  const page = { room: 'room', from: { after: 0 }, maxRecords: Number.NaN, maxBytes: 1 };
  const read: StoreCall = { id: 3, method: 'read', args: [[page]] };
  const { answers, lost } = answerCalls(store, [append(1, 1), append(2, Number.NaN), read, append(4, 1)]);
  expect(lost).toBe(false);
  expect(answers.map((it) => [it.id, 'value' in it])).toEqual([
    [1, true],
    [2, false],
    [3, false],
    [4, true],
  ]);
  expect(store.open(['room'])[0]?.head.seq).toBe(2);
  db.close();
});
