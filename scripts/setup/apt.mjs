// @ts-check
import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandFailure } from './command.mjs';

const lockTimeoutSeconds = 300;
const listsLockTries = 24;
const listsLockPauseMs = 5_000;

/**
 * The words that come before a command that needs root: none for root, `sudo -n` where that asks for no password.
 * @returns {string[] | undefined} `undefined` when this user cannot become root without being asked
 */
export function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}

/**
 * Installs Debian packages. The package lists are fetched only when apt does not know a package or its files have moved on, and
 * what an interrupted dpkg left half-way is finished first.
 *
 * @param {string[]} names
 * @param {{ prefix: string[], log: string, run: import('./command.mjs').RunCommand, note: (text: string) => void, signal: AbortSignal }} options
 * @throws {CommandFailure}
 */
export async function aptInstall(names, { prefix, log, run, note, signal }) {
  /** @param {string} suffix @param {string[]} words */
  const asRoot = (suffix, words) => {
    const [command = '', ...args] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', ...words];
    return run(command, args, {
      log: `${log}${suffix}`,
      signal,
      outlivesUs: true,
      onLine: (line) => note(toNote(line)),
    });
  };
  const install = () =>
    asRoot('', [
      'apt-get',
      'install',
      '-y',
      '--no-install-recommends',
      '-o',
      `DPkg::Lock::Timeout=${lockTimeoutSeconds}`,
      ...names,
    ]);
  const update = () => retryWhileLocked(() => asRoot('-update', ['apt-get', 'update']), { note, signal });

  const mended = new Set();
  for (;;) {
    try {
      await install();
      return;
    } catch (error) {
      const mend = error instanceof CommandFailure ? mendFor(error.output) : undefined;
      if (!mend || mended.has(mend)) throw error;
      mended.add(mend);
      if (mend === 'update') await update();
      else await asRoot('-configure', ['dpkg', '--configure', '-a']);
    }
  }
}

/** What to do before trying again, by what apt said. @param {string} output @returns {'update' | 'configure' | undefined} */
export function mendFor(output) {
  if (/dpkg was interrupted/.test(output)) return 'configure';
  if (/Unable to locate package|has no installation candidate|Failed to fetch|404 +Not Found/.test(output))
    return 'update';
  return undefined;
}

/**
 * `DPkg::Lock::Timeout` covers the lock of dpkg, not the one of the package lists.
 * @param {() => Promise<unknown>} attempt @param {{ note: (text: string) => void, signal: AbortSignal }} options
 */
async function retryWhileLocked(attempt, { note, signal }) {
  for (let left = listsLockTries; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0 || !(error instanceof CommandFailure) || !/Could not get lock/.test(error.output)) throw error;
      note('waiting for another apt');
      await delay(listsLockPauseMs, undefined, { signal });
    }
  }
}

/** @param {string} line */
function toNote(line) {
  const step = /^(Unpacking|Setting up) (\S+)/.exec(line);
  if (step) return `${step[1]?.toLowerCase()} ${step[2]}`;
  return /^Waiting for cache lock/.test(line) ? 'waiting for another apt' : 'downloading';
}
