import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCommandRunner } from './command.mjs';
import { createPaths } from './paths.mjs';
import { bindingIn } from './sqlite-build.mjs';
import { locateSqliteCache } from './sqlite-cache.mjs';
import { downloadBinding } from './sqlite-prebuilt.mjs';
import { temporaryFolder } from './testing/temporary-folder.ts';

const here = createPaths();
const realBinding = bindingIn(join(here.nodeModules, 'better-sqlite3'));

/** A mirror of better-sqlite3's releases, as `npm config set better_sqlite3_binary_host` names one. */
async function download(answer: RequestListener) {
  using folder = temporaryFolder();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const paths = { ...here, sqliteCache: folder.path, logs: join(folder.path, 'logs') };
  const quiet = () => {};
  const binding = await downloadBinding(locateSqliteCache(paths), {
    paths,
    env: { PATH: process.env['PATH'], npm_config_cache: folder.path, npm_config_better_sqlite3_binary_host: mirror },
    signal: AbortSignal.timeout(20_000),
    note: quiet,
    warn: quiet,
    run: createCommandRunner({ logs: paths.logs }),
    locks: [],
  });
  server.closeAllConnections();
  server.close();
  return { asked, content: binding === undefined ? undefined : readFileSync(binding) };
}

test('a published binding for this Node is fetched from the mirror that npm was told', async () => {
  const root = join(here.nodeModules, 'better-sqlite3');
  const name = 'build/Release/better_sqlite3.node';
  const archive = spawnSync('tar', ['-cz', name], { cwd: root, maxBuffer: 16 * 1024 * 1024 }).stdout;
  const { asked, content } = await download((_request, response) => response.end(archive));
  expect(content?.equals(readFileSync(realBinding))).toBe(true);
  expect(asked).toEqual([expect.stringContaining(`node-v${process.versions.modules}-${process.platform}`)]);
});

test.each<[string, RequestListener]>([
  ['no release for the platform', (_, response) => response.writeHead(404).end()],
  ['something that is no archive', (_, response) => response.end('<html>')],
  ['a connection that breaks', (request) => request.socket.destroy()],
])('%s is a reason to compile', async (_what, answer) => {
  expect((await download(answer)).content).toBeUndefined();
});
