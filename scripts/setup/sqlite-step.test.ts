import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createCommandRunner } from './command.mjs';
import { createPaths } from './paths.mjs';
import { bindingIn } from './sqlite-build.mjs';
import { keepBinding, locateSqliteCache, readKeptBinding } from './sqlite-cache.mjs';
import { proveBinding } from './sqlite-prove.mjs';
import { installSqlite, sqliteIsAtHand, sqliteIsInstalled } from './sqlite-step.mjs';
import { temporaryFolder } from './testing/temporary-folder.ts';

const here = createPaths();
const packageFolder = join(here.nodeModules, 'better-sqlite3');
const realBinding = bindingIn(packageFolder);

/** A checkout with better-sqlite3's JavaScript and no binding; nothing is fetched or compiled in it, since it has neither tool nor sources. */
function checkout() {
  const folder = temporaryFolder();
  const paths = createPaths({ root: folder.path, env: { XDG_CACHE_HOME: join(folder.path, 'cache') } });
  const target = join(paths.nodeModules, 'better-sqlite3');
  mkdirSync(target, { recursive: true });
  copyFileSync(here.packageLock, paths.packageLock);
  cpSync(join(packageFolder, 'package.json'), join(target, 'package.json'));
  cpSync(join(packageFolder, 'lib'), join(target, 'lib'), { recursive: true });
  for (const name of ['bindings', 'file-uri-to-path'])
    symlinkSync(join(here.nodeModules, name), join(paths.nodeModules, name));
  const quiet = () => {};
  const run = createCommandRunner({ logs: paths.logs });
  const signal = AbortSignal.timeout(60_000);
  const context = { paths, env: {}, signal, note: quiet, warn: quiet, run, locks: [] };
  const binding = bindingIn(target);
  const place = (content: Buffer | string) => {
    mkdirSync(dirname(binding), { recursive: true });
    writeFileSync(binding, content);
  };
  return {
    context,
    binding,
    place,
    cache: locateSqliteCache(paths),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

test('a binding that works is proven', async () => {
  using fresh = checkout();
  expect(await proveBinding(realBinding, fresh.context)).toBeUndefined();
});

test('a file that is no binding fails its proof, in its own words', async () => {
  using fresh = checkout();
  fresh.place('not a binary');
  expect(await proveBinding(fresh.binding, fresh.context)).toMatchObject({
    reason: expect.stringContaining('better_sqlite3.node'),
  });
});

test('a package that does not load is no verdict on the binding', async () => {
  using fresh = checkout();
  writeFileSync(join(fresh.context.paths.nodeModules, 'better-sqlite3', 'lib', 'index.js'), 'throw new Error("torn")');
  await expect(proveBinding(realBinding, fresh.context)).rejects.toMatchObject({ mend: 'npm ci' });
});

test('a checkout takes what another one left in the cache', async () => {
  using fresh = checkout();
  keepBinding(fresh.cache, realBinding, 'built');
  expect(sqliteIsInstalled(fresh.context)).toBe(false);
  expect(sqliteIsAtHand(fresh.context)).toBe(true);
  expect(await installSqlite(fresh.context)).toBe('compiled from source, proven');
  expect(sqliteIsInstalled(fresh.context)).toBe(true);
  expect(readFileSync(fresh.binding).equals(readFileSync(realBinding))).toBe(true);
});

test('a binding that npm compiled is proven in place, and not shared', async () => {
  using fresh = checkout();
  fresh.place(readFileSync(realBinding));
  expect(await installSqlite(fresh.context)).toBe('found in place, proven');
  expect(sqliteIsInstalled(fresh.context)).toBe(true);
  expect(existsSync(fresh.cache.folder)).toBe(false);
});

test('a torn binding in place is replaced', async () => {
  using fresh = checkout();
  fresh.place(readFileSync(realBinding).subarray(0, 100_000));
  keepBinding(fresh.cache, realBinding, 'prebuilt');
  expect(await installSqlite(fresh.context)).toBe('better-sqlite3’s own binding, proven');
});

test('a binding that has changed since its proof is looked at again', async () => {
  using fresh = checkout();
  keepBinding(fresh.cache, realBinding, 'built');
  await installSqlite(fresh.context);
  fresh.place('');
  expect(sqliteIsInstalled(fresh.context)).toBe(false);
  expect(readKeptBinding(fresh.cache)).toBeDefined();
});
