// @ts-check
import { join } from 'node:path';
import { CommandFailure } from './command.mjs';
import { SetupFailure } from './failure.mjs';
import { fingerprint } from './fingerprint.mjs';
import { readJson, writeJson } from './json-file.mjs';

/** mediasoup's install script steps aside when this is set; the set-up brings the worker by itself. */
const placeholderWorker = 'brought-by-the-set-up';

/** @param {import('./paths.mjs').Paths} paths */
function stampPath(paths) {
  return join(paths.stamps, 'npm.json');
}

/** Native parts are chosen, and some compiled, for one Node ABI and one platform. @param {import('./paths.mjs').Paths} paths */
function wantedKey(paths) {
  return fingerprint(paths.root, [paths.packageLock], [process.versions.modules, process.platform, process.arch]);
}

/**
 * The packages are right when the set-up installed them for this lock, or when somebody ran `npm ci` or `npm install` by hand with the same result.
 * @param {import('./context.mjs').StepContext} context
 */
export function npmPackagesAreInstalled({ paths }) {
  const key = wantedKey(paths);
  const stamp = readJson(stampPath(paths));
  if (stamp) return stamp.key === key;
  if (!matchesLock(readJson(paths.packageLock), readJson(join(paths.nodeModules, '.package-lock.json')))) return false;
  writeJson(stampPath(paths), { key });
  return true;
}

/**
 * npm writes `node_modules/.package-lock.json` last of all, so an interrupted installation has none.
 *
 * @param {any} wanted package-lock.json
 * @param {any} installed node_modules/.package-lock.json
 */
export function matchesLock(wanted, installed) {
  if (!wanted?.packages || !installed?.packages) return false;
  const entries = Object.entries(wanted.packages).filter(([path]) => path.startsWith('node_modules/'));
  return entries.every(([path, entry]) => {
    const found = installed.packages[path];
    if (!found) return entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity && found.link === entry.link;
  });
}

/** @param {import('./context.mjs').StepContext} context */
export async function installNpmPackages({ paths, env, run, signal }) {
  const npm = env['npm_execpath']?.endsWith('.js') ? [process.execPath, env['npm_execpath']] : ['npm'];
  const [command = '', ...args] = [...npm, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=warn'];
  try {
    await run(command, args, {
      log: 'npm-ci',
      cwd: paths.root,
      env: { ...env, MEDIASOUP_WORKER_BIN: env['MEDIASOUP_WORKER_BIN'] || placeholderWorker },
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
  writeJson(stampPath(paths), { key: wantedKey(paths) });
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
