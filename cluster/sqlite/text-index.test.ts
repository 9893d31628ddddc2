import { join } from 'node:path';
import { expect, test } from 'vitest';
import { change, newRecord } from '../contract/room.contract.ts';
import { openDatabase } from './open-database.ts';
import { SqliteStore } from './sqlite-store.ts';
import { tempFolder } from './testing/temp-folder.ts';

test('a search goes back through all blocks of a room, the newest records first', () => {
  using folder = tempFolder();
  const db = openDatabase({ file: join(folder.path, 'room-log.db'), durability: 'process', checkUpToBytes: 0 });
  const store = new SqliteStore(db);
  const rare = [5, 6000, 16_383, 16_384, 16_385, 33_000, 33_999];
  for (let seq = 1; seq <= 34_000; ) {
    const batch = Array.from({ length: 500 }, () => {
      const searchText = rare.includes(seq) ? `rarity ${seq}` : 'common';
      seq++;
      return newRecord('room', { searchText });
    });
    store.transaction('write', () => store.append(batch));
    if (store.isDue) store.tidy();
  }
  const found = (query: string, before: number, limit: number) =>
    store.search({ room: 'room', query, before, limit }).map(({ seq }) => seq);
  expect(found('rar', 100_000, 100)).toEqual([...rare].reverse());
  expect(found('rarity', 33_999, 3)).toEqual([33_000, 16_385, 16_384]);
  expect(found('rarity', 16_384, 9)).toEqual([16_383, 6000, 5]);
  expect(found('common rar', 100_000, 9)).toEqual([]);
  expect(found('common', 16_384, 2)).toEqual([16_382, 16_381]);
  store.transaction('write', () => store.trim('room', { beforeMs: 0, keep: 33_900 }, 0));
  expect(found('rarity', 6001, 9)).toEqual([6000]);
  db.close();
});

test('the parts of the index stay few, though they are merged a piece at a time, and large additions too', () => {
  for (const batch of [5, 60]) {
    using folder = tempFolder();
    const db = openDatabase({ file: join(folder.path, 'room-log.db'), durability: 'process', checkUpToBytes: 0 });
    const store = new SqliteStore(db, { text: { enough: 10, maxAppends: 100 } });
    let made = 0;
    while (made < 3000) {
      const records = Array.from({ length: batch }, () => newRecord('room', { searchText: `w${++made} some words` }));
      store.transaction('write', () => store.append(records));
      if (store.isDue) store.tidy();
    }
    // 300 additions, or 50 larger ones.
    const parts = () => db.prepare('SELECT count(DISTINCT segid) FROM found_idx').pluck().get();
    expect(parts()).toBeLessThan(25);
    const { messageId: target } = store.read([{ room: 'room', from: { after: 0 }, maxRecords: 1, maxBytes: 1 }])[0]!
      .records[0]!;
    for (let edit = 0; edit < 100; edit++) {
      const amendment = { kind: 'replace', target, payload: '', searchText: `edit${edit}` } as const;
      store.transaction('write', () => store.append([change('room', amendment)]));
      if (store.isDue) store.tidy();
    }
    expect(parts()).toBeLessThan(40);
    db.exec("INSERT INTO found (found) VALUES ('integrity-check')");
    db.close();
  }
});
