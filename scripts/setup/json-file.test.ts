import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJson, writeJson } from './json-file.mjs';
import { temporaryFolder } from './testing/temporary-folder.ts';

test('what was written is read, in folders that did not exist', () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a', 'b', 'stamp.json');
  writeJson(path, { key: 'k' });
  expect(readJson(path)).toEqual({ key: 'k' });
});

test('a missing and a torn file count as absent', () => {
  using folder = temporaryFolder({ 'torn.json': '{"key": "k' });
  expect(readJson(join(folder.path, 'absent.json'))).toBeUndefined();
  expect(readJson(join(folder.path, 'torn.json'))).toBeUndefined();
});

test('a value that cannot be written leaves the old file and no draft', () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'stamp.json');
  writeJson(path, { key: 'old' });
  expect(() => writeJson(path, { key: 1n })).toThrow();
  expect(readJson(path)).toEqual({ key: 'old' });
  expect(readdirSync(folder.path)).toEqual(['stamp.json']);
});
