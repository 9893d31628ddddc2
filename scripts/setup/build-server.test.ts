import { existsSync, readFileSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildServer, serverIsBuilt } from './build-server.mjs';
import { createCommandRunner } from './command.mjs';
import type { SetupFailure } from './failure.mjs';
import { createPaths } from './paths.mjs';
import { temporaryFolder } from './testing/temporary-folder.ts';

const tsconfig = readFileSync(join(createPaths().root, 'tsconfig.json'), 'utf8');
const tsconfigBuild = readFileSync(join(createPaths().root, 'tsconfig.build.json'), 'utf8');

/** A small checkout with the compiler and the configuration of this one. */
function createCheckout() {
  const folder = temporaryFolder({
    'package.json': '{ "type": "module" }',
    'package-lock.json': '{}',
    'tsconfig.json': tsconfig,
    'tsconfig.build.json': tsconfigBuild,
    'core/id.ts': 'export const id = 1;\n',
    'core/id.test.ts': 'export const id: string = 1;\n',
    'server/main.ts': "import { id } from '../core/id.ts';\nexport const doubled = id * 2;\n",
    'proto/gen/messages.js': '/* generated */\n',
    'cluster/redis/scripts/append.lua': '#!lua\n',
  });
  symlinkSync(createPaths().nodeModules, join(folder.path, 'node_modules'));
  const paths = createPaths({ root: folder.path, env: { XDG_CACHE_HOME: join(folder.path, '.cache') } });
  const context = {
    paths,
    env: {},
    signal: AbortSignal.timeout(60_000),
    note: () => {},
    warn: () => {},
    run: createCommandRunner({ logs: paths.logs }),
    locks: [],
  };
  return {
    ...folder,
    context,
    dist: (name: string) => join(folder.path, 'dist', name),
    [Symbol.dispose]: folder[Symbol.dispose],
  };
}

test('the server is compiled once, and again when a source changes', async () => {
  using checkout = createCheckout();
  expect(serverIsBuilt(checkout.context)).toBe(false);
  await buildServer(checkout.context);
  expect((await import(checkout.dist('server/main.js'))).doubled).toBe(2);
  expect(readFileSync(checkout.dist('proto/gen/messages.js'), 'utf8')).toBe('/* generated */\n');
  expect(readFileSync(checkout.dist('cluster/redis/scripts/append.lua'), 'utf8')).toBe('#!lua\n');
  expect(serverIsBuilt(checkout.context)).toBe(true);
  checkout.write('core/id.test.ts', 'export const id = 3;\n');
  expect(serverIsBuilt(checkout.context)).toBe(true);
  checkout.write('core/id.ts', 'export const id = 2;\n');
  expect(serverIsBuilt(checkout.context)).toBe(false);
});

test('what was compiled from a source that is gone is removed', async () => {
  using checkout = createCheckout();
  checkout.write('core/old.ts', 'export const old = 1;\n');
  await buildServer(checkout.context);
  expect(existsSync(checkout.dist('core/old.js'))).toBe(true);
  rmSync(join(checkout.path, 'core/old.ts'));
  const longAgo = new Date(Date.now() - 600_000);
  utimesSync(checkout.dist('core/old.js'), longAgo, longAgo);
  await buildServer(checkout.context);
  expect(existsSync(checkout.dist('core/old.js'))).toBe(false);
  expect(existsSync(checkout.dist('core/id.js'))).toBe(true);
});

test('a source that does not compile is named, and counts as not built', async () => {
  using checkout = createCheckout();
  await buildServer(checkout.context);
  checkout.write('core/id.ts', "export const id: number = 'one';\n");
  const failure: SetupFailure = await buildServer(checkout.context).then(
    () => undefined,
    (error) => error,
  );
  expect(failure.message).toMatch(/core\/id\.ts\(1,14\): error TS2322/);
  expect(failure.mend).toBe('npm run typecheck');
  expect(serverIsBuilt(checkout.context)).toBe(false);
});
