// @ts-check
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { distribution } from './distribution.mjs';
import { SetupFailure } from './failure.mjs';
import { fingerprint, listFiles, sha256OfFile } from './fingerprint.mjs';
import { readJson } from './json-file.mjs';
import { sourcePatches } from './worker-sources.mjs';

/** The worker answers this when it is started by hand, without mediasoup's environment: proof that it loads here. */
const exitStartedByHand = 41;

/**
 * The folder of one worker in the cache. Its name holds whatever changes the binary, so that clones share what fits and never what does not:
 * mediasoup's version, the platform, and a hash over the recipe and the distribution whose libraries it is linked against.
 *
 * @param {import('./paths.mjs').Paths} paths
 */
export function locateWorkerCache(paths) {
  const version = readJson(paths.packageLock)?.packages?.['node_modules/mediasoup']?.version;
  if (typeof version !== 'string')
    throw new SetupFailure('package-lock.json does not name a version of mediasoup.', {
      mend: 'git checkout package-lock.json',
    });
  const recipe = fingerprint(paths.workerRecipe, listFiles(paths.workerRecipe), [recipeFacts(), distribution()]).slice(
    0,
    12,
  );
  const folder = join(paths.workerCache, `${version}-${process.platform}-${process.arch}-${recipe}`);
  return {
    version,
    folder,
    binary: join(folder, 'mediasoup-worker'),
    proof: join(folder, 'proof.json'),
    downloaded: join(folder, 'downloaded', 'mediasoup-worker'),
    build: join(folder, 'build'),
    lock: join(folder, 'lock.json'),
  };
}

/** @typedef {ReturnType<typeof locateWorkerCache>} WorkerCache */

/**
 * A binary in the cache is used when it was proven, is still the same file, and still loads: an upgrade of the system may have taken its libraries away.
 * @param {WorkerCache} cache
 * @returns {{ source: string, sha256: string } | undefined}
 */
export function readProvenWorker(cache) {
  const proof = readJson(cache.proof);
  if (!proof?.source || !workerLoads(cache.binary)) return undefined;
  return sha256OfFile(cache.binary) === proof.sha256 ? proof : undefined;
}

/** @param {string} binary */
export function workerLoads(binary) {
  return (
    existsSync(binary) && spawnSync(binary, { env: {}, stdio: 'ignore', timeout: 10_000 }).status === exitStartedByHand
  );
}

/** What the patches do, and not how they are explained. */
function recipeFacts() {
  return JSON.stringify(sourcePatches.map(({ file, find, replace }) => [file, find, replace]));
}
