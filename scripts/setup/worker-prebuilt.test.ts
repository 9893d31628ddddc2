import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { downloadPrebuiltWorker, prebuiltUrl } from './worker-prebuilt.mjs';

/** What mediasoup's release page would offer: a script in the place of the binary. */
function archiveOf(script: string, name = 'mediasoup-worker'): Buffer {
  using folder = temporaryFolder({ [name]: `#!/bin/sh\n${script}\n` });
  chmodSync(join(folder.path, name), 0o755);
  spawnSync('tar', ['-czf', 'a.tgz', name], { cwd: folder.path });
  return readFileSync(join(folder.path, 'a.tgz'));
}

async function download(answer: RequestListener, answerTimeoutMs = 10_000) {
  using folder = temporaryFolder();
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/worker.tgz`;
  const target = join(folder.path, 'downloaded', 'mediasoup-worker');
  const reason = await downloadPrebuiltWorker({
    url,
    target,
    signal: AbortSignal.timeout(20_000),
    answerTimeoutMs,
  });
  server.closeAllConnections();
  server.close();
  const left = readdirSync(folder.path);
  return { reason, present: existsSync(target), left };
}

test('a worker that runs here is kept', async () => {
  const archive = archiveOf('exit 41');
  expect(await download((_request, response) => response.end(archive))).toEqual({
    reason: undefined,
    present: true,
    left: ['downloaded'],
  });
});

test.each<[string, RequestListener, RegExp]>([
  [
    'no release for the platform',
    (_, response) => response.writeHead(404).end(),
    /no prebuilt worker for this platform/,
  ],
  ['a broken server', (_, response) => response.writeHead(502).end(), /answers 502/],
  ['something that is no archive', (_, response) => response.end('<html>'), /cannot be unpacked/],
  ['an archive without a worker', (_, response) => response.end(archiveOf('exit 41', 'x')), /cannot be unpacked/],
  ['a worker for another system', (_, response) => response.end(archiveOf('exit 1')), /does not run on this system/],
  ['a connection that breaks', (request) => request.socket.destroy(), /./],
])('%s is a reason to build, and leaves nothing behind', async (_what, answer, reason) => {
  const outcome = await download(answer);
  expect(outcome.reason).toMatch(reason);
  expect(outcome.left).toEqual([]);
});

test('a server that never answers is a reason to build, and leaves nothing behind', async () => {
  const outcome = await download(() => {}, 300);
  expect(outcome.reason).toMatch(/no answer within 0.3 s/);
  expect(outcome.left).toEqual([]);
});

test('an interruption is no reason to build', async () => {
  using folder = temporaryFolder();
  const signal = AbortSignal.abort(new Error('interrupted'));
  const options = { url: 'http://127.0.0.1:9/worker.tgz', target: join(folder.path, 'd', 'w'), signal };
  await expect(downloadPrebuiltWorker(options)).rejects.toThrow('interrupted');
});

test('the file is named as mediasoup names it, with the kernel on Linux only', () => {
  const options = { version: '3.19.3', arch: 'x64', kernel: '6.1.0-13-amd64', base: 'https://example.org' };
  expect(prebuiltUrl({ ...options, platform: 'linux' })).toBe(
    'https://example.org/3.19.3/mediasoup-worker-3.19.3-linux-x64-kernel6.tgz',
  );
  expect(prebuiltUrl({ ...options, platform: 'darwin' })).toBe(
    'https://example.org/3.19.3/mediasoup-worker-3.19.3-darwin-x64.tgz',
  );
});
