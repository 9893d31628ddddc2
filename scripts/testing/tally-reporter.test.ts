import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJson } from '../setup/json-file.mjs';
import { temporaryFolder } from '../setup/testing/temporary-folder.ts';

test('tells what passed, failed, could not be loaded, and which process ended during what', { timeout: 60_000 }, () => {
  const root = join(import.meta.dirname, '../..');
  using folder = temporaryFolder({
    'mixed.test.js': "test('a', () => {}); test('b', () => { throw new Error('b'); }); test.skip('c', () => {});",
    'torn.test.js': 'test(',
    'ends.test.js': "test('d', () => {}); test('e', () => process.kill(process.pid, 'SIGKILL')); test('f', () => {});",
    'beside.test.js': "test('g', () => { setTimeout(() => { throw new Error('beside'); }); });",
  });
  const tally = join(folder.path, 'tally.json');
  const reporter = join(root, 'scripts/testing/tally-reporter.mjs');
  const { VITEST: _, ...environment } = process.env;
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--globals', '--pool=forks', `--reporter=${reporter}`],
    { cwd: realpathSync(folder.path), env: { ...environment, PARLEY_TALLY: tally }, encoding: 'utf8' },
  );
  expect(status).toBe(1);
  expect(readJson(tally)).toEqual({
    passed: 2,
    failed: 2,
    skipped: 1,
    died: [{ file: 'ends.test.js', during: expect.stringMatching(/^[de]$/) }],
    otherErrors: 1,
  });
});
