// @ts-check
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { workerLoads } from './worker-cache.mjs';

const releases = 'https://github.com/versatica/mediasoup/releases/download';
const defaultAnswerTimeoutMs = 6_000;
const bodyTimeoutMs = 120_000;
const maxBytes = 64 * 1024 * 1024;

/**
 * mediasoup names its prebuilt workers so, and on Linux adds the kernel's major version: from 6 on they use io_uring.
 * @param {{ version: string, platform?: string, arch?: string, kernel?: string, base?: string | undefined }} options
 */
export function prebuiltUrl({
  version,
  platform = process.platform,
  arch = process.arch,
  kernel = release(),
  base = releases,
}) {
  const suffix = platform === 'linux' ? `-kernel${kernel.split('.')[0]}` : '';
  return `${base}/${version}/mediasoup-worker-${version}-${platform}-${arch}${suffix}.tgz`;
}

/**
 * Fetches mediasoup's own binary for this platform to `target`. Whatever goes wrong is an answer and not a failure: the worker can be built instead.
 *
 * @param {{ url: string, target: string, signal: AbortSignal, answerTimeoutMs?: number }} options
 * @returns {Promise<string | undefined>} why there is none; `undefined` when `target` exists and loads here
 */
export async function downloadPrebuiltWorker({ url, target, signal, answerTimeoutMs = defaultAnswerTimeoutMs }) {
  const folder = dirname(target);
  const draft = `${folder}.draft`;
  try {
    const archive = await fetchBytes(url, signal, answerTimeoutMs);
    if (typeof archive === 'string') return archive;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    writeFileSync(join(draft, 'worker.tgz'), archive);
    const unpacked = spawnSync('tar', ['-xzf', 'worker.tgz', 'mediasoup-worker'], { cwd: draft, encoding: 'utf8' });
    if (unpacked.status !== 0) return 'the downloaded archive cannot be unpacked';
    chmodSync(join(draft, 'mediasoup-worker'), 0o755);
    if (!workerLoads(join(draft, 'mediasoup-worker'))) return 'the prebuilt worker does not run on this system';
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return describe(error);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** @param {string} url @param {AbortSignal} signal @param {number} answerTimeoutMs @returns {Promise<Buffer | string>} the bytes, or why there are none */
async function fetchBytes(url, signal, answerTimeoutMs) {
  const answer = new AbortController();
  const timer = setTimeout(
    () => answer.abort(new Error(`no answer within ${answerTimeoutMs / 1000} s`)),
    answerTimeoutMs,
  );
  const signals = AbortSignal.any([signal, answer.signal, AbortSignal.timeout(bodyTimeoutMs)]);
  try {
    const response = await fetch(url, { signal: signals });
    clearTimeout(timer);
    if (!response.ok || !response.body)
      return response.status === 404
        ? 'there is no prebuilt worker for this platform'
        : `the download answers ${response.status}`;
    /** @type {Uint8Array[]} */
    const chunks = [];
    let bytes = 0;
    for await (const chunk of response.body) {
      bytes += chunk.length;
      if (bytes > maxBytes) return `the download is larger than ${maxBytes} bytes`;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    clearTimeout(timer);
  }
}

/** fetch() hides the network's own words in the cause. @param {unknown} error */
function describe(error) {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inner instanceof Error ? inner.message : String(inner);
}
