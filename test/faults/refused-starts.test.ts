// Folders that a server must not start in: one sentence, what to do, and the exit code 1.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startParley } from '../support/parley-process.ts';
import { requireOrSkip } from '../support/require.ts';
import { ServerProcess } from '../support/server-process.ts';
import { Member } from './member.ts';

const room = 'standup';

/** Starts a server that is not to start. */
async function refusalIn(dataDir: string): Promise<string> {
  const options = ['--set', 'media.port=0', '--set', 'media.workers=1', '--set', `dataDir=${dataDir}`];
  await using parley = startParley(['serve', '--dev', '--port', '0', ...options], { cwd: tmpdir() });
  expect(await parley.exited()).toBe(1);
  expect(parley.stdout()).not.toContain('server listening');
  expect(parley.stderr()).not.toMatch(/\n\s+at /);
  return parley.stderr();
}

function damage(file: string): void {
  const handle = openSync(file, 'r+');
  const middle = Math.floor(statSync(file).size / 2 / 4_096) * 4_096;
  writeSync(handle, Buffer.alloc(16 * 4_096, 0x5a), 0, 16 * 4_096, middle);
  closeSync(handle);
}

describe.skipIf(!requireOrSkip('mediasoup')).concurrent('a start', { timeout: 120_000 }, () => {
  test('of a second server in a folder is refused, and the first goes on', async () => {
    await using server = await ServerProcess.start();
    const ada = await Member.join(server, 'ada', room);
    const refusal = await refusalIn(server.dataDir);
    expect(refusal).toContain(`in use by another server (process ${server.pid})`);
    expect(refusal).toMatch(/→ Stop that one/);
    expect(await ada.send(room, 'first')).toMatchObject({ durability: 'disk' });
    // A folder whose server was killed is nobody's.
    await server.kill();
    await server.startAgain();
    expect(await (await Member.join(server, 'ada', room)).send(room, 'first')).toMatchObject({ duplicate: true });
  });

  test('on a damaged database is refused, and leaves it as it is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-damaged-'));
    try {
      await using server = await ServerProcess.start({ folder });
      const ada = await Member.join(server, 'ada', room);
      for (let n = 0; n < 30; n++) await ada.send(room, `m-${n}`, 'x'.repeat(10_000));
      await server.stop();
      const file = join(folder, 'room-log.db');
      damage(file);
      const damaged = readFileSync(file);
      const refusal = await refusalIn(folder);
      expect(refusal).toMatch(/room-log\.db is damaged \(/);
      expect(refusal).toMatch(/→ Restore the file from a backup/);
      expect(readFileSync(file).equals(damaged)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
