// @ts-check
import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { sha256OfFile } from './fingerprint.mjs';
import { readJson, writeJson } from './json-file.mjs';
import { acquireLock } from './lock.mjs';
import { workerPackages } from './system-packages.mjs';
import { installSystemPackages } from './system-packages-step.mjs';
import { buildWorker } from './worker-build.mjs';
import { locateWorkerCache, readProvenWorker, workerLoads } from './worker-cache.mjs';
import { downloadPrebuiltWorker, prebuiltUrl } from './worker-prebuilt.mjs';
import { proveWorker } from './worker-prove.mjs';

/** @typedef {import('./context.mjs').StepContext} StepContext */

/** Where mediasoup looks by itself, so that the server, the tests and any script find the worker without being told. @param {StepContext['paths']} paths */
function installedWorker(paths) {
  return join(paths.nodeModules, 'mediasoup', 'worker', 'out', 'Release', 'mediasoup-worker');
}

/** What the server reads. @param {StepContext['paths']} paths */
function recordPath(paths) {
  return join(paths.stamps, 'worker.json');
}

/** @param {StepContext} context */
export function workerIsInstalled({ paths, env }) {
  const record = readJson(recordPath(paths));
  if (!record || record.path !== (env['MEDIASOUP_WORKER_BIN'] || installedWorker(paths))) return false;
  if (!env['MEDIASOUP_WORKER_BIN'] && record.cache !== locateWorkerCache(paths).folder) return false;
  const stat = statSync(record.path, { throwIfNoEntry: false });
  return stat?.size === record.bytes && workerLoads(record.path);
}

/** A download is worth a try when nothing is at hand and no build has begun. @param {StepContext} context */
export function downloadIsNotNeeded(context) {
  const { paths, env } = context;
  if (env['MEDIASOUP_WORKER_BIN'] || env['MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD']) return true;
  const cache = locateWorkerCache(paths);
  return workerIsInstalled(context) || workerIsCached(cache) || existsSync(cache.build);
}

/** @param {import('./worker-cache.mjs').WorkerCache} cache */
function workerIsCached(cache) {
  return readProvenWorker(cache) !== undefined || workerLoads(cache.downloaded);
}

/** @param {StepContext} context */
export async function downloadWorker({ paths, env, signal, note }) {
  const cache = locateWorkerCache(paths);
  const url = prebuiltUrl({ version: cache.version, base: env['MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL'] });
  note(url);
  const reason = await downloadPrebuiltWorker({ url, target: cache.downloaded, signal });
  return reason === undefined ? 'mediasoup’s own binary' : `none to be had: ${reason}`;
}

/** @param {StepContext} context */
export function workerIsAtHand(context) {
  if (context.env['MEDIASOUP_WORKER_BIN']) return true;
  return workerIsInstalled(context) || workerIsCached(locateWorkerCache(context.paths));
}

/** @param {StepContext} context */
export async function installWorker(context) {
  const { paths, env, note, signal, locks } = context;
  if (env['MEDIASOUP_WORKER_BIN']) return useGivenWorker(env['MEDIASOUP_WORKER_BIN'], context);
  const cache = locateWorkerCache(paths);
  mkdirSync(cache.folder, { recursive: true });
  const lock = await acquireLock(cache.lock, {
    signal,
    onWait: (holder) => note(`waiting for ${holder}, which is making it`),
  });
  locks.push(lock);
  try {
    const found = readProvenWorker(cache) ?? (await tryDownloaded(cache, context)) ?? (await build(cache, context));
    // Also what an earlier set-up left that was killed after its proof.
    rmSync(cache.build, { recursive: true, force: true });
    const target = installedWorker(paths);
    mkdirSync(dirname(target), { recursive: true });
    // A server may be running the old file: it keeps it, and the next one gets the new.
    copyFileSync(cache.binary, `${target}.draft`);
    renameSync(`${target}.draft`, target);
    writeJson(recordPath(paths), {
      path: target,
      sha256: found.sha256,
      source: found.source,
      bytes: statSync(target).size,
      cache: cache.folder,
    });
    return found.source === 'built'
      ? 'built from source, DTLS handshake proven'
      : 'mediasoup’s own binary, DTLS handshake proven';
  } finally {
    locks.splice(locks.indexOf(lock), 1);
    lock.release();
  }
}

/** @param {string} path @param {StepContext} context */
async function useGivenWorker(path, context) {
  const mend = 'unset MEDIASOUP_WORKER_BIN';
  if (!workerLoads(path))
    throw new SetupFailure(`MEDIASOUP_WORKER_BIN names ${path}, which is not a mediasoup worker that runs here.`, {
      mend,
    });
  await requireProof(path, context, { mend });
  writeJson(recordPath(context.paths), {
    path,
    sha256: sha256OfFile(path),
    source: 'given',
    bytes: statSync(path).size,
  });
  return `${path}, DTLS handshake proven`;
}

/** @param {import('./worker-cache.mjs').WorkerCache} cache @param {StepContext} context */
async function tryDownloaded(cache, context) {
  if (!workerLoads(cache.downloaded)) return undefined;
  const proof = await proveWorker(cache.downloaded, context);
  if (proof.verdict === 'unprovable') throw cannotProve(proof);
  if (proof.verdict === 'proven') {
    const proven = keep(cache, cache.downloaded, 'prebuilt');
    rmSync(dirname(cache.downloaded), { recursive: true, force: true });
    return proven;
  }
  context.warn(`The prebuilt mediasoup worker is not used: ${proof.reason}`);
  rmSync(dirname(cache.downloaded), { recursive: true, force: true });
  await installSystemPackages(workerPackages, {
    purpose: 'to build the mediasoup worker',
    log: 'apt-worker',
    context,
  });
  return undefined;
}

/** @param {import('./worker-cache.mjs').WorkerCache} cache @param {StepContext} context */
async function build(cache, context) {
  const binary = await buildWorker(cache, context);
  await requireProof(binary, context, { mend: `rm -rf "${cache.folder}" && npm start` });
  return keep(cache, binary, 'built');
}

/** @param {string} binary @param {StepContext} context @param {{ mend: string }} options */
async function requireProof(binary, context, { mend }) {
  const proof = await proveWorker(binary, context);
  if (proof.verdict === 'proven') return;
  if (proof.verdict === 'failed')
    throw new SetupFailure(`The mediasoup worker does not pass its proof.\n${proof.reason}`, { mend, log: proof.log });
  throw cannotProve(proof);
}

/** @param {{ reason: string, log: string }} proof */
function cannotProve({ reason, log }) {
  return new SetupFailure(`The mediasoup worker cannot be proven here.\n${reason}`, { mend: 'npm ci', log });
}

/**
 * The proof is written after the binary is in place and speaks of its hash, so a kill between the two only costs another proof.
 * @param {import('./worker-cache.mjs').WorkerCache} cache @param {string} binary @param {'built' | 'prebuilt'} source
 */
function keep(cache, binary, source) {
  const draft = `${cache.binary}.draft`;
  rmSync(cache.proof, { force: true });
  copyFileSync(binary, draft);
  chmodSync(draft, 0o755);
  renameSync(draft, cache.binary);
  const proven = { source, sha256: sha256OfFile(cache.binary), provenAt: new Date().toISOString() };
  writeJson(cache.proof, proven);
  return proven;
}
