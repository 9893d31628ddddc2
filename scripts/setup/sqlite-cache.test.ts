import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createPaths } from './paths.mjs';
import { keepBinding, locateSqliteCache, readKeptBinding } from './sqlite-cache.mjs';
import { temporaryFolder } from './testing/temporary-folder.ts';

const machine = { abi: '115', system: 'debian 12' };

function checkout(entry: object = { version: '12.11.1', integrity: 'sha512-a' }) {
  const folder = temporaryFolder({
    'package-lock.json': JSON.stringify({ packages: { 'node_modules/better-sqlite3': entry } }),
  });
  const paths = createPaths({ root: folder.path, env: { XDG_CACHE_HOME: `${folder.path}/cache` } });
  return { paths, write: folder.write, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

function folderName(entry?: object, on = machine): string | undefined {
  using one = checkout(entry);
  return locateSqliteCache(one.paths, on).folder.split('/').pop();
}

test('checkouts that can share a binding agree on its name', () => {
  expect(folderName()).toBe(folderName());
  expect(folderName()).toMatch(/^12\.11\.1-\w+-\w+-115-[0-9a-f]{12}$/);
});

test.each([
  ['Node has another ABI', undefined, { ...machine, abi: '127' }],
  ['the distribution has another release', undefined, { ...machine, system: 'debian 13' }],
  ['the package has another version', { version: '12.12.0', integrity: 'sha512-a' }, machine],
  ['the package has other content', { version: '12.11.1', integrity: 'sha512-b' }, machine],
])('a binding is not shared when %s', (_when, entry, on) => {
  expect(folderName(entry, on)).not.toBe(folderName());
});

test('a lock without the package says what to do', () => {
  using one = checkout({});
  expect(() => locateSqliteCache(one.paths)).toThrow(
    expect.objectContaining({ mend: 'git checkout package-lock.json' }),
  );
});

test('what is kept is found again, as long as it is the same file', () => {
  using one = checkout();
  const cache = locateSqliteCache(one.paths);
  expect(readKeptBinding(cache)).toBeUndefined();
  const kept = keepBinding(cache, one.write('made.node', 'binary'), 'built');
  expect(readKeptBinding(cache)).toEqual(kept);
  expect(readFileSync(cache.binding, 'utf8')).toBe('binary');
  expect(readdirSync(cache.folder).sort()).toEqual(['better_sqlite3.node', 'proof.json']);
  keepBinding(cache, one.write('made.node', 'binary 2'), 'prebuilt');
  expect(readKeptBinding(cache)).toMatchObject({ source: 'prebuilt' });
  expect(existsSync(`${cache.binding}.draft`)).toBe(false);
});

test('a binding without its proof, or not as it was proven, is made again', () => {
  using one = checkout();
  const cache = locateSqliteCache(one.paths);
  const made = one.write('made.node', 'binary');
  keepBinding(cache, made, 'built');
  one.write(cache.binding.slice(one.paths.root.length + 1), 'bin');
  expect(readKeptBinding(cache)).toBeUndefined();
});
