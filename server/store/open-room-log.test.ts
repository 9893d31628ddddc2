import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/log.ts';
import type { PartialConfig } from '../config/schema.ts';
import { createConfig } from '../config.ts';
import { StartError } from '../start-error.ts';
import { openRoomLog } from './open-room-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-store-'));
afterAll(() => rmSync(folder, { recursive: true }));

const open = (dataDir: string, store: PartialConfig['store'] = {}) =>
  openRoomLog(createConfig({ dataDir, store }), { clock: systemClock, log: silentLogger });

async function failureOf(opening: Promise<unknown>): Promise<StartError> {
  const failure = await opening.catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StartError);
  return failure as StartError;
}

describe('the store of a server', () => {
  test('is as durable as is configured', async () => {
    const dataDir = join(folder, 'durability');
    for (const durability of ['disk', 'process'] as const) {
      const log = await open(dataDir, { durability });
      expect(log.durability).toBe(durability);
      await log.close();
    }
    expect((await open(dataDir, { engine: 'memory' })).durability).toBe('memory');
  });

  test('in a folder that another one has is refused, and says what to do', async () => {
    const dataDir = join(folder, 'taken');
    const first = await open(dataDir);
    const { message, mend } = await failureOf(open(dataDir));
    await first.close();
    expect(message).toMatch(/in use by another server \(process \d+\)\.$/);
    expect(mend).toMatch(/^Stop that one.*parley doctor/);
    await (await open(dataDir)).close();
  });

  test('that is no database is refused, and says what to do', async () => {
    const dataDir = mkdtempSync(join(folder, 'broken-'));
    writeFileSync(join(dataDir, 'room-log.db'), 'x'.repeat(10_000));
    const { message, mend } = await failureOf(open(dataDir));
    expect(message).toContain('room-log.db is no database.');
    expect(mend).toMatch(/^Restore the file from a backup/);
  });

  test('of a newer version is refused, and says what to do', async () => {
    const dataDir = join(folder, 'newer');
    await (await open(dataDir)).close();
    const db = new Database(join(dataDir, 'room-log.db'));
    db.pragma('user_version = 999');
    db.close();
    const { message, mend } = await failureOf(open(dataDir));
    expect(message).toContain('written by a newer Parley');
    expect(mend).toMatch(/^Start that one/);
  });

  test('in a folder that cannot be is refused, and names the option', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect((await failureOf(open(join(file, 'data')))).mend).toContain('dataDir (PARLEY_DATA_DIR)');
    const dataDir = join(folder, 'odd');
    mkdirSync(join(dataDir, 'room-log.db'), { recursive: true });
    expect((await failureOf(open(dataDir))).message).not.toBe('');
  });
});
