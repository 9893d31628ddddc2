import { join } from 'node:path';
import type Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { change, newRecord } from '../contract/room.contract.ts';
import { openDatabase } from './open-database.ts';
import { SqliteStore } from './sqlite-store.ts';
import { tempFolder } from './testing/temp-folder.ts';

/** So small that everything happens within a few appends. */
const limits = {
  text: { enough: 3, maxAppends: 5 },
  clientIds: { parts: 3, maxWaiting: 4, maxAppendsOfPart: 3 },
};
const nowMs = 1_000_000;

interface Sent {
  readonly room: string;
  readonly clientId: string;
  readonly seq: number;
  readonly messageId: string;
  word: string;
  trimmed: boolean;
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), room: fc.nat(2), count: fc.nat(4) }) },
  fc.record({ do: fc.constant('server' as const), room: fc.nat(2) }),
  fc.record({ do: fc.constant('amend' as const), erase: fc.boolean(), at: fc.nat(30) }),
  fc.record({ do: fc.constant('reopen' as const) }),
  fc.record({ do: fc.constant('fail' as const) }),
  fc.record({ do: fc.constant('trim' as const), room: fc.nat(2), keep: fc.integer({ min: 1, max: 6 }) }),
);

test('whatever is cut off between an append and the work that it left: retries find it, and so does the search', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      using folder = tempFolder();
      const file = join(folder.path, 'room-log.db');
      let db = openDatabase({ file, durability: 'process', checkUpToBytes: 0 });
      let store = new SqliteStore(db, limits);
      const sent: Sent[] = [];
      let made = 0;
      const write = <Result>(work: () => Result) => store.transaction('write', work);
      const append = (room: string): void => {
        const clientId = `c${++made}`;
        const record = newRecord(room, { clientId, searchText: `w${made}` });
        const [result] = write(() => store.append([record]));
        if (result?.outcome !== 'appended') throw new Error('not appended');
        sent.push({ room, clientId, seq: result.seq, messageId: record.messageId, word: `w${made}`, trimmed: false });
      };
      for (const it of steps) {
        if (it.do === 'append') for (let at = 0; at < it.count; at++) append(`r${it.room}`);
        else if (it.do === 'server') write(() => store.append([newRecord(`r${it.room}`, { searchText: '' })]));
        else if (it.do === 'trim') {
          write(() => store.trim(`r${it.room}`, { beforeMs: 0, keep: it.keep }, nowMs));
          const first = store.open([`r${it.room}`])[0]?.head.firstSeq ?? 0;
          for (const one of sent) if (one.room === `r${it.room}` && one.seq < first) one.trimmed = true;
        } else if (it.do === 'fail') {
          const record = newRecord('r0', { clientId: `c${++made}`, searchText: `w${made}` });
          const failing = () => {
            store.append([record]);
            throw new Error('no');
          };
          expect(() => write(failing)).toThrow('no');
        } else if (it.do === 'reopen') {
          // As after kill -9: what was in memory is gone, what was committed is there.
          db.close();
          db = openDatabase({ file, durability: 'process', checkUpToBytes: 0 });
          store = new SqliteStore(db, limits);
        } else {
          const one = sent[it.at];
          if (!one || one.trimmed || one.word === '') continue;
          const target = one.messageId;
          one.word = it.erase ? '' : `w${++made}`;
          write(() =>
            store.append([
              it.erase
                ? change(one.room, { kind: 'erase', target, payload: '' })
                : change(one.room, { kind: 'replace', target, payload: '', searchText: one.word }),
            ]),
          );
        }
        if (store.isDue) store.tidy();
      }
      for (const { room, clientId, seq, word, trimmed } of sent) {
        const [again] = write(() => store.append([newRecord(room, { clientId, retryOnly: true })]));
        expect(again).toMatchObject({ outcome: 'appended', seq, duplicate: true });
        if (word === '') continue;
        const found = store.search({ room, query: word, before: 1_000, limit: 100 });
        expect(found.filter((record) => record.seq === seq)).toHaveLength(trimmed ? 0 : 1);
      }
      for (let at = 1; at <= made; at++) {
        const words = ['r0', 'r1', 'r2'].flatMap((room) =>
          // `w1` finds `w10` to `w19` too.
          store.search({ room, query: `w${at}`, before: 1_000, limit: 100 }),
        );
        const expected = sent.filter(({ word, trimmed }) => !trimmed && word.startsWith(`w${at}`));
        expect(words.map(({ messageId }) => messageId as string).sort()).toEqual(
          expected.map(({ messageId }) => messageId).sort(),
        );
      }
      db.exec("INSERT INTO found (found) VALUES ('integrity-check')");
      db.close();
    }),
    { numRuns: 60 },
  );
});

test('opening, reading, counting, marking nothing and refused appends leave no room behind', () => {
  using folder = tempFolder();
  const db = openDatabase({ file: join(folder.path, 'room-log.db'), durability: 'process', checkUpToBytes: 0 });
  const store = new SqliteStore(db);
  const room = 'nobody-was-here';
  const { epoch } = store.open([room])[0]!.head;
  store.read([{ room, from: { after: 0 }, maxRecords: 1, maxBytes: 1 }]);
  store.count([{ room, after: 0, identity: 'ann', limit: 1 }]);
  store.search({ room, query: 'a', before: 1, limit: 1 });
  store.watermarks(room);
  store.transaction('write', () => {
    store.trim(room, { beforeMs: 0, keep: 0 }, nowMs);
    store.bumpEpoch(room, 'another');
    store.mark([{ room, identity: 'ann', delivered: 0, read: 0 }]);
    store.append([newRecord(room, { clientId: 'c', retryOnly: true })]);
    store.append([change(room, { kind: 'erase', target: 'm_none', payload: '' })]);
  });
  const count = () => (db as Database.Database).prepare('SELECT count(*) FROM rooms').pluck().get();
  expect(count()).toBe(0);
  const [first] = store.transaction('write', () => store.append([newRecord(room)]));
  expect(first).toMatchObject({ seq: 1, epoch });
  expect(count()).toBe(1);
  db.close();
});

test('what waits stays bounded when many are appended at a time, with client ids and without', () => {
  for (const withId of [true, false]) {
    using folder = tempFolder();
    const db = openDatabase({ file: join(folder.path, 'room-log.db'), durability: 'process', checkUpToBytes: 0 });
    const store = new SqliteStore(db, { clientIds: { parts: 8, maxWaiting: 1000, maxAppendsOfPart: 16 } });
    for (let batch = 0; batch < 20; batch++) {
      const records = Array.from({ length: 100 }, (_, at) =>
        newRecord('room', { clientId: withId ? `c${batch * 100 + at}` : '', searchText: '' }),
      );
      store.transaction('write', () => store.append(records));
      if (store.isDue) store.tidy();
    }
    // Two rounds of eight parts, and what came within one batch.
    const sorted = db.prepare('SELECT sorted FROM rooms').pluck().get();
    expect(sorted).toBeGreaterThan(2000 - 2 * 8 * 16 - 3 * 100);
    db.close();
  }
});
