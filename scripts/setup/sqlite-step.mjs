// @ts-check
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { readJson, writeJson } from './json-file.mjs';
import { acquireLock } from './lock.mjs';
import { bindingIn, buildBinding } from './sqlite-build.mjs';
import { keepBinding, locateSqliteCache, readKeptBinding } from './sqlite-cache.mjs';
import { downloadBinding } from './sqlite-prebuilt.mjs';
import { proveBinding } from './sqlite-prove.mjs';
import { sqlitePackages } from './system-packages.mjs';
import { installSystemPackages } from './system-packages-step.mjs';

/**
 * @typedef {import('./context.mjs').StepContext} StepContext
 * @typedef {import('./sqlite-cache.mjs').SqliteCache} SqliteCache
 */

const outcomes = { prebuilt: 'better-sqlite3’s own binding', built: 'compiled from source' };

/** Where better-sqlite3 looks by itself. @param {StepContext['paths']} paths */
function installedBinding(paths) {
  return bindingIn(join(paths.nodeModules, 'better-sqlite3'));
}

/** @param {StepContext['paths']} paths */
function recordPath(paths) {
  return join(paths.stamps, 'sqlite.json');
}

/** The file that was proven, on the system and the Node that it was proven on. @param {StepContext} context */
export function sqliteIsInstalled({ paths }) {
  const record = readJson(recordPath(paths));
  const stat = statSync(installedBinding(paths), { throwIfNoEntry: false });
  if (!record || !stat || record.cache !== locateSqliteCache(paths).folder) return false;
  return record.bytes === stat.size && record.mtimeMs === stat.mtimeMs;
}

/** Asked before anything is installed: whether it may have to be compiled. @param {StepContext} context */
export function sqliteIsAtHand(context) {
  return sqliteIsInstalled(context) || existsSync(locateSqliteCache(context.paths).proof);
}

/** @param {StepContext} context */
export async function installSqlite(context) {
  const { paths } = context;
  const cache = locateSqliteCache(paths);
  const target = installedBinding(paths);
  // `npm ci` by hand compiles one. It is not shared: whoever did so may have chosen another SQLite.
  if (existsSync(target) && (await proveBinding(target, context)) === undefined) {
    recordInstalled(cache, context);
    return 'found in place, proven';
  }
  const source = await withLock(cache, context, async () => {
    const kept =
      (await useKept(cache, context)) ?? (await useDownloaded(cache, context)) ?? (await compile(cache, context));
    rmSync(cache.download, { recursive: true, force: true });
    rmSync(cache.build, { recursive: true, force: true });
    mkdirSync(dirname(target), { recursive: true });
    // A server may be running the old file: it keeps it, and the next one gets the new.
    copyFileSync(cache.binding, `${target}.draft`);
    renameSync(`${target}.draft`, target);
    return kept.source;
  });
  recordInstalled(cache, context);
  return `${outcomes[source]}, proven`;
}

/** @param {SqliteCache} cache @param {StepContext} context */
function recordInstalled(cache, { paths }) {
  const { size, mtimeMs } = statSync(installedBinding(paths));
  writeJson(recordPath(paths), { cache: cache.folder, bytes: size, mtimeMs });
}

/**
 * Two checkouts that want the same binding make it once.
 * @template T
 * @param {SqliteCache} cache @param {StepContext} context @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function withLock(cache, { signal, note, locks }, work) {
  mkdirSync(cache.folder, { recursive: true });
  const lock = await acquireLock(cache.lock, {
    signal,
    onWait: (holder) => note(`waiting for ${holder}, which is making it`),
  });
  locks.push(lock);
  try {
    return await work();
  } finally {
    locks.splice(locks.indexOf(lock), 1);
    lock.release();
  }
}

/** Proven again, since an upgrade of the system may have taken its libraries away. @param {SqliteCache} cache @param {StepContext} context */
async function useKept(cache, context) {
  const kept = readKeptBinding(cache);
  return kept && (await proveBinding(cache.binding, context)) === undefined ? kept : undefined;
}

/** Nothing is fetched where a build has begun. @param {SqliteCache} cache @param {StepContext} context */
async function useDownloaded(cache, context) {
  if (existsSync(cache.build)) return undefined;
  const binding = await downloadBinding(cache, context);
  if (!binding) return undefined;
  const trouble = await proveBinding(binding, context);
  if (!trouble) return keepBinding(cache, binding, 'prebuilt');
  context.warn(`The prebuilt binding of SQLite is not used: ${trouble.reason}`);
  return undefined;
}

/** @param {SqliteCache} cache @param {StepContext} context */
async function compile(cache, context) {
  await installSystemPackages(sqlitePackages, { purpose: 'to compile SQLite', log: 'apt-sqlite', context });
  const binding = await buildBinding(cache, context);
  const trouble = await proveBinding(binding, context);
  if (!trouble) return keepBinding(cache, binding, 'built');
  throw new SetupFailure(`The compiled SQLite does not pass its proof.\n${trouble.reason}`, {
    mend: `rm -rf "${cache.folder}" && npm start`,
    log: trouble.log,
  });
}
