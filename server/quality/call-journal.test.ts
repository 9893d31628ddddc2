import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { silentLogger } from '../../core/log.ts';
import { CallJournal } from './call-journal.ts';
import type { CallLine } from './call-line.ts';

const dayMs = 86_400_000;
let folder: string;
let dir: string;
let clock: FakeClock;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-calls-'));
  dir = join(folder, 'calls');
  clock = new FakeClock();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (days = 30) => new CallJournal({ dir, days, clock, log: silentLogger });
const lineOf = (room: string, identity: string): CallLine => ({
  room,
  peerId: `p_${identity}`,
  identity,
  kind: 'client',
  reason: 'left',
  startedAtMs: 0,
  endedAtMs: 60_000,
  durationMs: 60_000,
  score: { min: 3, p10: 4, median: 4.5 },
  badSeconds: 0,
  codecs: ['audio/opus'],
  path: 'udp',
  resets: 0,
  restarts: 0,
});

describe('the journal of calls', () => {
  test('keeps a line for each call, in a file a day that nobody else can read', async () => {
    const journal = open();
    journal.write(lineOf('standup', 'ada'));
    journal.write(lineOf('standup', 'ben'));
    await journal.flush();
    const [name = ''] = await readdir(dir);
    expect(name).toBe(`${new Date(clock.nowMs()).toISOString().slice(0, 10)}.jsonl`);
    const text = await readFile(join(dir, name), 'utf8');
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).identity),
    ).toEqual(['ada', 'ben']);
    expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600);
    expect(journal.stats).toEqual({ written: 2, dropped: 0 });
  });

  test('reads what is there while a file becomes too old', async () => {
    const journal = open();
    journal.write(lineOf('standup', 'ada'));
    await journal.flush();
    // Its folder lists it, and it is gone.
    await symlink(join(dir, 'gone'), join(dir, '2020-01-01.jsonl'));
    expect((await journal.read({}, 10)).map(({ identity }) => identity)).toEqual(['ada']);
  });

  test('reads the calls of one room over days, the newest first, and no more than asked for', async () => {
    const journal = open();
    for (const identity of ['ada', 'ben', 'cleo']) {
      journal.write(lineOf('standup', identity));
      journal.write(lineOf('elsewhere', identity));
      await journal.flush();
      clock.advance(dayMs);
    }
    const read = async (limit: number) =>
      (await journal.read({ room: 'standup' }, limit)).map(({ identity }) => identity);
    expect(await read(10)).toEqual(['cleo', 'ben', 'ada']);
    expect(await read(2)).toEqual(['cleo', 'ben']);
  });

  test('reads the phones of all rooms that left before a moment, as those of yesterday', async () => {
    const journal = open();
    const phone = (identity: string) => ({ ...lineOf(`room-${identity}`, identity), kind: 'phone' });
    for (const identity of ['ann', 'ben', 'cy']) {
      journal.write({ ...phone(identity), endedAtMs: clock.nowMs() });
      journal.write({ ...lineOf('standup', identity), endedAtMs: clock.nowMs() });
      await journal.flush();
      clock.advance(dayMs);
    }
    const read = async (beforeMs?: number) =>
      (await journal.read({ kind: 'phone', beforeMs }, 10)).map(({ identity }) => identity);
    expect(await read()).toEqual(['cy', 'ben', 'ann']);
    expect(await read(clock.nowMs() - dayMs)).toEqual(['ben', 'ann']);
    expect(await read(clock.nowMs() - dayMs - 1)).toEqual(['ben', 'ann']);
    expect(await read(0)).toEqual([]);
  });

  test('lets one read after the other, and sends away whom that would make wait long', async () => {
    const journal = open();
    journal.write(lineOf('standup', 'ada'));
    const asked = await Promise.allSettled(Array.from({ length: 30 }, () => journal.read({ room: 'standup' }, 10)));
    const read = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value.length] : []));
    expect(read).toEqual(Array.from({ length: 8 }, () => 1));
    const refused = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason.reason] : []));
    expect(new Set(refused)).toEqual(new Set(['RATE_LIMITED']));
    expect(await journal.read({ room: 'standup' }, 10)).toHaveLength(1);
  });

  test('passes over a line that was cut when the server was killed', async () => {
    const journal = open();
    journal.write(lineOf('standup', 'ada'));
    await journal.flush();
    const [name = ''] = await readdir(dir);
    await writeFile(join(dir, name), `${JSON.stringify(lineOf('standup', 'ben'))}\n{"room":"stan`, { flag: 'a' });
    expect((await journal.read({ room: 'standup' }, 10)).map(({ identity }) => identity)).toEqual(['ben', 'ada']);
  });

  test('deletes files of days that are over, and nothing else in its folder', async () => {
    const journal = open(2);
    journal.write(lineOf('standup', 'ada'));
    await journal.flush();
    await writeFile(join(dir, 'notes.txt'), 'mine');
    clock.advance(3 * dayMs);
    journal.write(lineOf('standup', 'ben'));
    await journal.flush();
    expect((await readdir(dir)).sort()).toEqual([
      `${new Date(clock.nowMs()).toISOString().slice(0, 10)}.jsonl`,
      'notes.txt',
    ]);
  });

  test('drops what comes faster than the disk takes it, and counts it', async () => {
    const journal = open();
    for (let index = 0; index < 2_500; index++) journal.write(lineOf('standup', `guest-${index}`));
    await journal.flush();
    const { written, dropped } = journal.stats;
    expect(written + dropped).toBe(2_500);
    expect(dropped).toBeGreaterThan(0);
    expect(written).toBeGreaterThanOrEqual(1_000);
  });

  test('counts what the disk does not take, and goes on', async () => {
    await writeFile(dir, 'a file where the folder is to be');
    const journal = open();
    journal.write(lineOf('standup', 'ada'));
    await journal.flush();
    expect(journal.stats).toEqual({ written: 0, dropped: 1 });
    await rm(dir);
    journal.write(lineOf('standup', 'ben'));
    await journal.flush();
    expect(journal.stats).toEqual({ written: 1, dropped: 1 });
  });
});
