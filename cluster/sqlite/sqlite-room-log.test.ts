import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ContractRoom } from '../contract/room.contract.ts';
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
