// @ts-check
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { distribution } from './distribution.mjs';
import { SetupFailure } from './failure.mjs';
import { fingerprint, sha256OfFile } from './fingerprint.mjs';
import { readJson, writeJson } from './json-file.mjs';

/**
 * The folder of one binding in the cache. Its name holds whatever changes the binary: the package's version and content, the platform, Node's
 * ABI, and the distribution whose libraries it is linked against. All of it is known before the package is installed.
 *
 * @param {import('./paths.mjs').Paths} paths
 * @param {{ abi?: string, system?: string }} [machine]
 */
export function locateSqliteCache(paths, { abi = process.versions.modules, system = distribution() } = {}) {
  const entry = readJson(paths.packageLock)?.packages?.['node_modules/better-sqlite3'];
  if (typeof entry?.version !== 'string')
    throw new SetupFailure('package-lock.json does not name a version of better-sqlite3.', {
      mend: 'git checkout package-lock.json',
    });
  const hash = fingerprint('', [], [String(entry.integrity), system]).slice(0, 12);
  const folder = join(paths.sqliteCache, `${entry.version}-${process.platform}-${process.arch}-${abi}-${hash}`);
  return {
    folder,
    binding: join(folder, 'better_sqlite3.node'),
    proof: join(folder, 'proof.json'),
    download: join(folder, 'download'),
    build: join(folder, 'build'),
    lock: join(folder, 'lock.json'),
  };
}

/** @typedef {ReturnType<typeof locateSqliteCache>} SqliteCache */
/** @typedef {{ source: 'prebuilt' | 'built', sha256: string }} KeptBinding */

/**
 * What an earlier set-up proved, as long as it is still the same file.
 * @param {SqliteCache} cache
 * @returns {KeptBinding | undefined}
 */
export function readKeptBinding(cache) {
  const proof = readJson(cache.proof);
  if (!proof?.source || !existsSync(cache.binding)) return undefined;
  return sha256OfFile(cache.binding) === proof.sha256 ? proof : undefined;
}

/**
 * The proof is written after the binding is in place and speaks of its hash, so a kill between the two only costs making it again.
 * @param {SqliteCache} cache @param {string} binding @param {KeptBinding['source']} source
 * @returns {KeptBinding}
 */
export function keepBinding(cache, binding, source) {
  mkdirSync(cache.folder, { recursive: true });
  rmSync(cache.proof, { force: true });
  copyFileSync(binding, `${cache.binding}.draft`);
  renameSync(`${cache.binding}.draft`, cache.binding);
  const kept = { source, sha256: sha256OfFile(cache.binding) };
  writeJson(cache.proof, kept);
  return kept;
}
