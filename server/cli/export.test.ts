import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { NewRecord } from '../../cluster/room-log.ts';
import { openSqliteRoomLog } from '../../cluster/sqlite/sqlite-room-log.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import { createMessageId } from '../../core/ids.ts';
import { writeRecords } from './export.ts';
import { runProgram } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-export-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...args: readonly string[]) {
  const written = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const code = await runProgram(['export', ...args], { stdout: into('stdout'), stderr: into('stderr'), env: {} });
  const lines = written.stdout.split('\n').filter(Boolean);
  return { code: code ?? 0, ...written, records: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

function message(room: string, text: string, more: Partial<NewRecord> = {}): NewRecord {
  return {
    room,
    messageId: createMessageId(),
    kind: 'message',
    sender: 'ada',
    clientId: '',
    contentHash: '',
    atMs: 5,
    payload: JSON.stringify({ name: 'Ada', message: { text, mentions: [] } }),
    searchText: text,
    mentions: [],
    threadId: '',
    ...more,
  };
}

/** A store as a running server has it. */
async function openStore(name: string) {
  const dataDir = join(folder, name);
  const log = await openSqliteRoomLog({ folder: dataDir, durability: 'process' });
  return { log, dataDir, [Symbol.asyncDispose]: () => log.close() };
}

describe('parley export', () => {
  test('writes one record a line, while a server has the folder and after it', async () => {
    const store = await openStore('running');
    await store.log.append([message('standup', 'Grüß\ndich'), message('other', 'x'), message('standup', 'two')]);
    const beside = await run('--room', 'standup', '--data-dir', store.dataDir);
    await store.log.close();
    const after = await run('--room', 'standup', '--data-dir', store.dataDir);
    expect(beside).toMatchObject({ code: 0, stderr: '' });
    expect(beside.records).toMatchObject([
      { seq: 1, kind: 'message', identity: 'ada', name: 'Ada', atMs: 5, message: { text: 'Grüß\ndich' } },
      { seq: 2, message: { text: 'two' } },
    ]);
    expect(after.stdout).toBe(beside.stdout);
  });

  test('shows messages as they are now, and nothing of what was erased', async () => {
    await using store = await openStore('erased');
    const secret = message('a', 'the planted secret');
    await store.log.append([secret]);
    const payload = JSON.stringify({ name: 'Ada', message: { text: '', mentions: [], deletedBy: 'ada' } });
    const amendment = { kind: 'erase', target: secret.messageId, payload } as const;
    await store.log.append([message('a', '', { kind: 'deleted', payload: '{}', amendment })]);
    const { stdout, records } = await run('--room', 'a', '--data-dir', store.dataDir);
    expect(stdout).not.toContain('secret');
    expect(records).toMatchObject([
      { seq: 1, message: { text: '' } },
      { seq: 2, kind: 'deleted' },
    ]);
  });

  test('reads long rooms in pages, and into a file that only its user can read', async () => {
    await using store = await openStore('long');
    await store.log.append(Array.from({ length: 2_500 }, (_, n) => message('a', `text ${n}`)));
    const out = join(folder, 'long.jsonl');
    const { code, stdout, stderr } = await run('--room', 'a', '--data-dir', store.dataDir, '--out', out);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('2500 records of a are in');
    const seqs = readFileSync(out, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
    expect(seqs).toEqual(Array.from({ length: 2_500 }, (_, n) => n + 1));
    expect(statSync(out).mode & 0o077).toBe(0);
    expect(readdirSync(folder)).not.toContain('long.jsonl.part');
  });

  test('says that there is no such room, and which one was meant', async () => {
    await using store = await openStore('rooms');
    await store.log.append([message('standup', 'x')]);
    const { code, stdout, stderr } = await run('--room', 'standpu', '--data-dir', store.dataDir);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('There is no room "standpu"');
    expect(stderr).toContain('Did you mean standup?');
  });

  test('says that there is no room log in the folder, and leaves it as it is', async () => {
    const dataDir = mkdtempSync(join(folder, 'empty-'));
    const { code, stderr } = await run('--room', 'a', '--data-dir', dataDir);
    expect(code).toBe(1);
    expect(stderr).toContain('There is no room log in');
    expect(stderr).toContain('--data-dir');
    expect(readdirSync(dataDir)).toEqual([]);
  });

  test('says that a file is no room log, and that one cannot be written', async () => {
    const dataDir = mkdtempSync(join(folder, 'broken-'));
    writeFileSync(join(dataDir, 'room-log.db'), 'x'.repeat(10_000));
    const unreadable = await run('--room', 'a', '--data-dir', dataDir);
    expect(unreadable.code).toBe(1);
    expect(unreadable.stderr).toContain('cannot be read');
    expect(unreadable.stderr).not.toMatch(/\n\s+at /);
    await using store = await openStore('unwritable');
    await store.log.append([message('a', 'x')]);
    const out = join(folder, 'absent', 'out.jsonl');
    const unwritable = await run('--room', 'a', '--data-dir', store.dataDir, '--out', out);
    expect(unwritable.code).toBe(1);
    expect(unwritable.stderr).toContain('--out: a file that this user can write');
  });

  test('says how far it is when it takes long', () => {
    const clock = new FakeClock();
    const told: number[] = [];
    function* pages() {
      for (let n = 0; n < 10; n++) {
        clock.advance(900);
        yield ['a', 'b'];
      }
    }
    const count = writeRecords(
      { pages: pages(), toLine: String, progress: (done) => told.push(done), clock },
      () => {},
    );
    expect(count).toBe(20);
    expect(told).toEqual([6, 12, 18]);
  });
});
