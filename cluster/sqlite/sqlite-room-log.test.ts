import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ContractRoom, newRecord } from '../contract/room.contract.ts';
import { describeRoomLog } from '../room-log.contract.ts';
import { openSqliteRoomLog } from './sqlite-room-log.ts';
import { tempFolder } from './testing/temp-folder.ts';

const folders: Disposable[] = [];
afterAll(() => {
  for (const folder of folders) folder[Symbol.dispose]();
});

describeRoomLog('SQLite', () => {
  const folder = tempFolder();
  folders.push(folder);
  return openSqliteRoomLog({ folder: folder.path, durability: 'disk' });
});

test('an erased text is in no file of the folder after close()', async () => {
  using folder = tempFolder();
  const room = new ContractRoom(await openSqliteRoomLog({ folder: folder.path, durability: 'process' }));
  const { messageId: target } = await room.message({ searchText: 'xyzzysecret' });
  await room.amend(
    { kind: 'replace', target, payload: 'plughsecret', searchText: 'plughsecret' },
    { payload: 'plughsecret' },
  );
  await room.amend({ kind: 'erase', target, payload: '' });
  await room.log.close();
  for (const name of readdirSync(folder.path)) {
    const bytes = readFileSync(join(folder.path, name), 'latin1');
    expect(/xyzzy|plugh/.test(bytes), name).toBe(false);
  }
});

test('a text that was erased, edited away or trimmed leaves the files of a running store within its time', async () => {
  using folder = tempFolder();
  const log = await openSqliteRoomLog({ folder: folder.path, durability: 'process', scrubAfterMs: 10 });
  const room = new ContractRoom(log);
  const say = (text: string) => room.message({ payload: text, searchText: text });
  // It goes first by trimming.
  await say('quuxtrimmed');
  const { messageId: erased } = await say('xyzzyerased');
  const { messageId: edited } = await say('plughedited');
  await room.log.append(Array.from({ length: 600 }, () => newRecord(room.name, { searchText: 'of some words' })));
  await room.amend({ kind: 'erase', target: erased, payload: '' });
  await room.amend({ kind: 'replace', target: edited, payload: 'new', searchText: 'new' }, { payload: 'new' });
  await room.log.trim(room.name, { beforeMs: 0, keep: 604 });
  const leftIn = () =>
    readdirSync(folder.path).filter((name) => /xyzzy|plugh|quux/.test(readFileSync(join(folder.path, name), 'latin1')));
  await eventually(() => leftIn().length === 0, 'no file has any of it');
  await room.log.close();
});

test('what was answered is there after a restart', async () => {
  using folder = tempFolder();
  const before = new ContractRoom(await openSqliteRoomLog({ folder: folder.path, durability: 'disk' }));
  const { messageId } = await before.message({ clientId: 'c1', facts: { key: 'value' } });
  const head = await before.head();
  await before.log.close();
  const log = await openSqliteRoomLog({ folder: folder.path, durability: 'disk' });
  expect(await log.open([before.name])).toEqual([{ head, facts: { key: 'value' } }]);
  expect(head.messageId).toBe(messageId);
  await log.close();
});

test('2,000 people who open, read, count and mark at the same time are all served', async () => {
  using folder = tempFolder();
  const log = await openSqliteRoomLog({ folder: folder.path, durability: 'disk' });
  const names = Array.from({ length: 2000 }, (_, at) => `room-${at % 50}`);
  await log.append(names.slice(0, 500).map((name) => newRecord(name)));
  const joins = names.map(async (room, at) => {
    const identity = `person-${at}`;
    await Promise.all([
      log.open([room]),
      log.read([{ room, from: { before: Number.MAX_SAFE_INTEGER }, maxRecords: 50, maxBytes: 65_536 }]),
      log.count([{ room, after: 0, identity, limit: 100 }]),
      log.watermarksOf([{ room, identity }]),
      log.mark([{ room, identity, delivered: 1, read: 1 }]),
    ]);
  });
  await Promise.all(joins);
  const [counted] = await log.count([{ room: 'room-7', after: 0, identity: 'eve', limit: 100 }]);
  expect(counted).toEqual({ messages: 10, mentions: 0 });
  await log.close();
});
