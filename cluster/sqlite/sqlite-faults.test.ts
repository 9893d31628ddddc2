import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ContractRoom, newRecord } from '../contract/room.contract.ts';
import type { RoomLog } from '../room-log.ts';
import { openSqliteRoomLog } from './sqlite-room-log.ts';
import { tempFolder } from './testing/temp-folder.ts';

const open = (folder: string, maxPages?: number) => openSqliteRoomLog({ folder, durability: 'disk', maxPages });
const databaseOf = (folder: string) => join(folder, 'room-log.db');

async function spawnHolder(folder: string, ...rest: string[]): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./testing/append-without-ack.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder, ...rest], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

test('kill -9 between commit and answer: the retry finds its record as a duplicate', async () => {
  using folder = tempFolder();
  const child = await spawnHolder(folder.path, 'room', 'c1');
  // Others may read the database while a server has it.
  const reader = new Database(databaseOf(folder.path), { readonly: true });
  const committed = () => reader.prepare('SELECT message_id FROM records').pluck().get() as string | undefined;
  const messageId = await eventually(committed, 'the record is committed');
  await kill(child);
  reader.close();
  const log = await open(folder.path);
  const [again] = await log.append([newRecord('room', { clientId: 'c1' })]);
  expect(again).toMatchObject({ outcome: 'appended', seq: 1, messageId, duplicate: true });
  await log.close();
});

test('kill -9 while client ids and words wait to be put where they belong: retries and searches find all that was answered', async () => {
  using folder = tempFolder();
  const script = fileURLToPath(new URL('./testing/append-many.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let answered = 0;
  child.stdout.on('data', (told: Buffer) => {
    answered = Number(told.toString().trim().split('\n').at(-1));
  });
  await eventually(() => answered >= 4000, 'some thousand are answered');
  await kill(child);
  const log = await open(folder.path);
  const names = Array.from({ length: answered }, (_, at) => ({
    room: `room-${(at + 1) % 10}`,
    clientId: `c${at + 1}`,
  }));
  const again = await log.append(names.map(({ room, clientId }) => newRecord(room, { clientId, retryOnly: true })));
  const unknown = names.filter((_, at) => again[at]?.outcome !== 'appended');
  expect(unknown).toEqual([]);
  for (const { room, clientId } of [...names.slice(0, 20), ...names.slice(-20)]) {
    const found = await log.search({ room, query: `word${clientId}x`, before: Number.MAX_SAFE_INTEGER, limit: 100 });
    expect(found.filter((record) => record.clientId === clientId)).toHaveLength(1);
  }
  await log.close();
});

test('a backup made beside a server that appends has all that was answered before, whatever came meanwhile', async () => {
  using folder = tempFolder();
  using backup = tempFolder();
  const log = await open(folder.path);
  const names = Array.from({ length: 3000 }, (_, at) => `c${at}`);
  await log.append(names.map((clientId) => newRecord('room', { clientId, searchText: `word${clientId}x` })));
  const meanwhile = Array.from({ length: 20 }, () => log.append([newRecord('room')]));
  const reader = new Database(databaseOf(folder.path), { readonly: true });
  reader.exec(`VACUUM INTO '${databaseOf(backup.path)}'`);
  reader.close();
  await Promise.all(meanwhile);
  const [memory] = await log.open(['room']);
  await log.close();
  const restored = await open(backup.path);
  expect((await restored.open(['room']))[0]?.head.epoch).toBe(memory?.head.epoch);
  const again = await restored.append(names.map((clientId) => newRecord('room', { clientId, retryOnly: true })));
  expect(again.filter((it, at) => it.outcome !== 'appended' || it.seq !== at + 1)).toEqual([]);
  for (const clientId of ['c0', 'c1500', 'c2999']) {
    const query = { room: 'room', query: `word${clientId}x`, before: Number.MAX_SAFE_INTEGER, limit: 10 };
    expect((await restored.search(query)).map((record) => record.clientId)).toEqual([clientId]);
  }
  await restored.close();
});

describe('a folder', () => {
  test('that another process serves is refused with its name and the process, and free once that was killed', async () => {
    using folder = tempFolder();
    const child = await spawnHolder(folder.path);
    const refused = await open(folder.path).catch((it: Error) => it);
    expect(String(refused)).toContain(
      `The data folder ${folder.path} is in use by another server (process ${child.pid})`,
    );
    await kill(child);
    await (await open(folder.path)).close();
  });

  test('that this process serves already is refused too, and free after close()', async () => {
    using folder = tempFolder();
    const log = await open(folder.path);
    await expect(open(folder.path)).rejects.toThrow(`process ${process.pid}`);
    await log.close();
    await (await open(folder.path)).close();
  });
});

/** Appends until it is refused; answers with how many records there are. */
async function fill(log: RoomLog): Promise<number> {
  for (let count = 0; ; count += 10) {
    try {
      await log.append(Array.from({ length: 10 }, () => newRecord('room', { payload: 'x'.repeat(5000) })));
    } catch (error) {
      expect(error).toMatchObject({ name: 'StoreError', kind: 'full' });
      return count;
    }
  }
}

describe('a full disk', () => {
  test('refuses appends as full, keeps what was answered, and reads go on', async () => {
    using folder = tempFolder();
    const log = await open(folder.path, 200);
    const count = await fill(log);
    const room = { room: 'room', from: { before: count + 100 }, maxRecords: 1000, maxBytes: 10_000_000 };
    const [page] = await log.read([room]);
    expect([page?.head.seq, page?.records.length]).toEqual([count, count]);
    await log.close();
    const larger = await open(folder.path);
    expect(await larger.append([newRecord('room')])).toMatchObject([{ seq: count + 1 }]);
    await larger.close();
  });

  test.skipIf(!canMount())('takes appends again when there is space', async () => {
    using folder = tempFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder.path]);
    try {
      const filler = join(folder.path, 'filler');
      writeFileSync(filler, Buffer.alloc(1_000_000));
      const log = await open(folder.path);
      const count = await fill(log);
      expect((await log.open(['room']))[0]?.head.seq).toBe(count);
      rmSync(filler);
      expect(await log.append([newRecord('room')])).toMatchObject([{ seq: count + 1 }]);
      await log.close();
    } finally {
      execFileSync('umount', ['-l', folder.path]);
    }
  });
});

function canMount(): boolean {
  using folder = tempFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder.path], { stdio: 'ignore' });
    execFileSync('umount', [folder.path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('a file that is not as it was', () => {
  const damaged: [string, (file: string) => void, RegExp][] = [
    ['damaged in its middle', overwriteMiddle, /is damaged.*Restore the file from a backup/],
    ['without its end', (file) => truncateSync(file, statSync(file).size - 3 * 4096), /is damaged.*Restore/],
    ['cut inside its first page', (file) => truncateSync(file, 700), /is damaged.*Restore/],
    [
      'that is no database',
      (file) => writeFileSync(file, 'a letter to a friend'),
      /is no database.*move the file away/,
    ],
    ['of another program', otherProgram, /is the database of another program/],
    [
      'of a newer server',
      (file) => pragma(file, 'user_version = 99'),
      /was written by a newer Parley.*99.*Start that one/,
    ],
  ];
  test.each(damaged)('%s is refused at the start with what to do', async (_name, damage, sentence) => {
    using folder = tempFolder();
    const log = await open(folder.path);
    await log.append(Array.from({ length: 200 }, () => newRecord('room', { payload: 'x'.repeat(500) })));
    await log.close();
    damage(databaseOf(folder.path));
    const before = readFileSync(databaseOf(folder.path));
    await expect(open(folder.path)).rejects.toMatchObject({
      kind: 'corrupt',
      message: expect.stringMatching(sentence),
    });
    expect(readFileSync(databaseOf(folder.path)).equals(before)).toBe(true);
    // The folder is free again for the copy that is put back.
    rmSync(databaseOf(folder.path));
    await (await open(folder.path)).close();
  });

  test('set back to an older copy re-issues numbers, and cursors can tell by the ids', async () => {
    using folder = tempFolder();
    const copy = join(folder.path, 'copy');
    const first = new ContractRoom(await open(folder.path));
    await first.message();
    await first.log.close();
    copyFileSync(databaseOf(folder.path), copy);
    const second = new ContractRoom(await open(folder.path));
    const cursor = await second.log.append([newRecord(first.name)]);
    await second.log.close();
    copyFileSync(copy, databaseOf(folder.path));
    const third = await open(folder.path);
    const request = { room: first.name, from: { after: 2 }, maxRecords: 1, maxBytes: 1 };
    expect((await third.read([request]))[0]).toMatchObject({ head: { seq: 1 }, fingerprint: '' });
    const reissued = await third.append([newRecord(first.name)]);
    expect(cursor).toMatchObject([{ seq: 2 }]);
    expect(reissued).toMatchObject([{ seq: 2, epoch: cursor[0]?.outcome === 'appended' && cursor[0].epoch }]);
    const fingerprint = (await third.read([request]))[0]?.fingerprint;
    expect(fingerprint).not.toBe(cursor[0]?.outcome === 'appended' && cursor[0].messageId);
    await third.close();
  });
});

function overwriteMiddle(file: string): void {
  const handle = openSync(file, 'r+');
  const size = statSync(file).size;
  writeSync(handle, Buffer.alloc(8 * 4096, 0x5a), 0, 8 * 4096, Math.floor(size / 2 / 4096) * 4096);
  closeSync(handle);
}

function otherProgram(file: string): void {
  rmSync(file);
  const db = new Database(file);
  db.exec('CREATE TABLE recipes (name TEXT)');
  db.close();
}

function pragma(file: string, text: string): void {
  const db = new Database(file);
  db.pragma(text);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}
