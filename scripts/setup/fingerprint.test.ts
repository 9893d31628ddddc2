import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fingerprint, listFiles } from './fingerprint.mjs';
import { temporaryFolder } from './testing/temporary-folder.ts';

function fingerprintOf(files: Record<string, string>, facts: string[] = []): string {
  using folder = temporaryFolder(files);
  return fingerprint(folder.path, listFiles(folder.path), facts);
}

test('two checkouts with the same files have the same fingerprint', () => {
  const files = { 'a.ts': '1', 'b/c.ts': '2' };
  expect(fingerprintOf(files)).toBe(fingerprintOf(files));
});

test.each([
  ['content', { 'a.ts': 'x' }],
  ['a name', { 'b.ts': '1' }],
  ['a folder', { 'b/a.ts': '1' }],
  ['one more file', { 'a.ts': '1', 'empty.ts': '' }],
])('%s changes the fingerprint', (_what, files) => {
  expect(fingerprintOf(files)).not.toBe(fingerprintOf({ 'a.ts': '1' }));
});

test('a fact changes the fingerprint, and facts do not run into each other', () => {
  expect(fingerprintOf({}, ['x'])).not.toBe(fingerprintOf({}));
  expect(fingerprintOf({}, ['ab', 'c'])).not.toBe(fingerprintOf({}, ['a', 'bc']));
});

test('content moved over the border of two files changes the fingerprint', () => {
  expect(fingerprintOf({ a: 'xy', b: 'z' })).not.toBe(fingerprintOf({ a: 'x', b: 'yz' }));
});

test('listFiles() does not enter a refused folder, and finds nothing in a missing one', () => {
  using folder = temporaryFolder({ 'a.ts': '', 'node_modules/b.ts': '' });
  expect(listFiles(folder.path, (path) => path !== 'node_modules')).toEqual([join(folder.path, 'a.ts')]);
  expect(listFiles(join(folder.path, 'absent'))).toEqual([]);
});
