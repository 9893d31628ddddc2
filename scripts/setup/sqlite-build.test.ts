import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCommandRunner } from './command.mjs';
import { createPaths } from './paths.mjs';
import { bindingIn, buildBinding, nodeWithHeaders } from './sqlite-build.mjs';
import { locateSqliteCache } from './sqlite-cache.mjs';
import { temporaryFolder } from './testing/temporary-folder.ts';

const headersOf = (minor: number) =>
  `#define NODE_MAJOR_VERSION 22\n#define NODE_MINOR_VERSION ${minor}\n#define NODE_PATCH_VERSION 1\n`;

test.each([
  ['of this very Node are used', 22, true],
  ['of another Node are not', 21, false],
])('headers beside Node that are %s', (_what, minor, used) => {
  using folder = temporaryFolder({ 'include/node/node_version.h': headersOf(minor) });
  const found = nodeWithHeaders({ execPath: join(folder.path, 'bin', 'node'), version: '22.22.1' });
  expect(found).toBe(used ? folder.path : undefined);
});

test('a Node without headers beside it has none', () => {
  using folder = temporaryFolder();
  expect(nodeWithHeaders({ execPath: join(folder.path, 'bin', 'node') })).toBeUndefined();
});

/** A checkout whose node-gyp is a script of the test: npm finds it before its own, since the build's folder comes first on the PATH. */
function checkoutWith(nodeGyp: string) {
  const folder = temporaryFolder({
    'package-lock.json': JSON.stringify({ packages: { 'node_modules/better-sqlite3': { version: '1.2.3' } } }),
    'node_modules/better-sqlite3/binding.gyp': '{}',
    'node_modules/better-sqlite3/deps/defines.gypi': '{}',
    'node_modules/better-sqlite3/src/binding.cpp': '',
  });
  const paths = createPaths({ root: folder.path, env: { XDG_CACHE_HOME: join(folder.path, 'cache') } });
  const cache = locateSqliteCache(paths);
  const tool = folder.write('cache/node_modules/.bin/node-gyp', `#!/bin/sh\n${nodeGyp}\n`);
  chmodSync(tool, 0o755);
  const env = { PATH: process.env['PATH'], HOME: folder.path };
  const quiet = () => {};
  const run = createCommandRunner({ logs: paths.logs });
  const build = (more: Record<string, string> = {}) =>
    buildBinding(cache, {
      paths,
      env: { ...env, ...more },
      signal: AbortSignal.timeout(60_000),
      note: quiet,
      warn: quiet,
      run,
      locks: [],
    });
  return { cache, build, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

test('an interrupted build is continued where it was', async () => {
  using checkout = checkoutWith(
    '[ -e half ] || { touch half; exit 1; }; mkdir -p build/Release && touch build/Release/better_sqlite3.node',
  );
  await expect(checkout.build()).rejects.toMatchObject({ mend: `rm -rf "${checkout.cache.build}" && npm start` });
  const binding = await checkout.build();
  expect(binding).toBe(bindingIn(checkout.cache.build));
  expect(existsSync(join(checkout.cache.build, 'half'))).toBe(true);
});

test('the nodedir that npm was told wins over the headers beside Node', async () => {
  using checkout = checkoutWith('echo "error: $*"; exit 1');
  await expect(checkout.build({ npm_config_nodedir: '/opt/my node' })).rejects.toThrow('--nodedir=/opt/my node');
});

test.skipIf(!nodeWithHeaders())('without one, nothing is downloaded where Node has its headers beside it', async () => {
  using checkout = checkoutWith('echo "error: $*"; exit 1');
  await expect(checkout.build()).rejects.toThrow(`--nodedir=${nodeWithHeaders()}`);
});
