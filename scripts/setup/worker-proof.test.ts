import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCommandRunner } from './command.mjs';
import { createPaths } from './paths.mjs';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { workerLoads } from './worker-cache.mjs';
import { proveWorker } from './worker-prove.mjs';

const paths = createPaths();
const worker = join(paths.nodeModules, 'mediasoup', 'worker', 'out', 'Release', 'mediasoup-worker');
const required = (process.env['PARLEY_REQUIRE'] ?? '').split(',').includes('mediasoup');

function contextWith(logs: string) {
  const run = createCommandRunner({ logs });
  const quiet = () => {};
  return { paths, env: {}, signal: AbortSignal.timeout(60_000), note: quiet, warn: quiet, run, locks: [] };
}

test.skipIf(!required && !workerLoads(worker))('the installed worker makes a call with itself', async () => {
  using folder = temporaryFolder();
  expect(await proveWorker(worker, contextWith(folder.path))).toEqual({ verdict: 'proven' });
});

test('a program that is no worker fails, and the reason tells where', async () => {
  using folder = temporaryFolder();
  const proof = await proveWorker('/bin/false', contextWith(folder.path));
  expect(proof).toMatchObject({ verdict: 'failed', reason: expect.stringContaining('while starting the worker') });
});
