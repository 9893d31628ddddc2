// @ts-check
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailure } from './command.mjs';
import { SetupFailure } from './failure.mjs';
import { readJson, writeJson } from './json-file.mjs';
import { npmCommand } from './npm-command.mjs';

/** @param {import('./paths.mjs').Paths} paths */
function stampPath(paths) {
  return join(paths.stamps, 'npm.json');
}

/** What npm says that it installed; it writes this last of all. @param {import('./paths.mjs').Paths} paths */
function hiddenLock(paths) {
  return join(paths.nodeModules, '.package-lock.json');
}

/** Native parts are chosen, and some compiled, for one Node ABI and one platform. */
function nativeKey() {
  return `${process.platform}-${process.arch}-${process.versions.modules}`;
}

/**
 * Looks at what is installed and not at who did it: `npm ci` or `npm install` by hand is as good.
 * @param {import('./context.mjs').StepContext} context
 */
export function npmPackagesAreInstalled({ paths }) {
  const stamp = readJson(stampPath(paths));
  if (stamp && stamp.native !== nativeKey()) return false;
  const exists = (/** @type {string} */ path) => existsSync(join(paths.root, path));
  return matchesLock(readJson(paths.packageLock), readJson(hiddenLock(paths)), exists);
}

/**
 * Optional packages may be absent: they belong to other platforms.
 *
 * @param {any} wanted package-lock.json
 * @param {any} installed node_modules/.package-lock.json
 * @param {(path: string) => boolean} exists
 */
export function matchesLock(wanted, installed, exists) {
  if (!wanted?.packages || !installed?.packages) return false;
  const entries = Object.entries(wanted.packages).filter(([path]) => path.startsWith('node_modules/'));
  return entries.every(([path, entry]) => {
    const found = installed.packages[path];
    if (!found) return entry.optional === true;
    return (
      found.version === entry.version &&
      found.integrity === entry.integrity &&
      found.link === entry.link &&
      exists(path)
    );
  });
}

/**
 * Without install scripts: the native parts have steps of their own, which share what they made with other checkouts, and esbuild and buf
 * find their binaries without.
 * @param {import('./context.mjs').StepContext} context
 */
export async function installNpmPackages({ paths, env, run, signal }) {
  const npm = npmCommand(env);
  const options = ['--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=warn'];
  // npm removes the old packages in no particular order: killed half-way, it must not leave its word that all are there.
  rmSync(hiddenLock(paths), { force: true });
  try {
    await run(npm.command, [...npm.first, 'ci', ...options], {
      log: 'npm-ci',
      cwd: paths.root,
      env,
      signal,
    });
    await run(process.execPath, ['--input-type=module', '--eval', "await import('uWebSockets.js')"], {
      log: 'npm-native',
      cwd: paths.root,
      signal,
      timeoutMs: 30_000,
    });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    throw toFailure(error);
  }
  writeJson(stampPath(paths), { native: nativeKey() });
}

/** @param {CommandFailure} error */
function toFailure(error) {
  if (error.log.endsWith('npm-native.log')) {
    const node = `Node ${process.versions.node} on ${process.platform} ${process.arch}`;
    return new SetupFailure(`uWebSockets.js has no binary that loads in ${node}.\n${error.reason}`, {
      mend: 'nvm install 22',
      log: error.log,
      cause: error,
    });
  }
  const { reason, log } = error;
  if (/in sync/.test(reason)) return new SetupFailure(reason, { mend: 'npm install', log, cause: error });
  if (/ENOSPC|no space left/i.test(reason))
    return new SetupFailure(reason, { mend: 'npm cache clean --force', log, cause: error });
  return new SetupFailure(reason, { mend: 'npm ci', log, cause: error });
}
