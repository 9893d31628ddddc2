import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { describeRoomLog } from '../room-log.contract.ts';
import { openSqliteRoomLog } from './sqlite-room-log.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-room-log-'));
  folders.push(folder);
  return folder;
}

describeRoomLog('SQLite', () => openSqliteRoomLog({ folder: tempFolder(), durability: 'disk' }));
