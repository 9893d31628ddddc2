// @ts-check
import { aptInstall, rootPrefix } from './apt.mjs';
import { CommandFailure } from './command.mjs';
import { SetupFailure } from './failure.mjs';
import { detectPackageManager, installCommand, missingPackages } from './system-packages.mjs';

/**
 * Installs what is missing where apt and root's rights are at hand; otherwise fails with the one command that does.
 *
 * @param {import('./system-packages.mjs').SystemPackage[]} packages
 * @param {{ purpose: string, log: string, context: import('./context.mjs').StepContext }} options `purpose` completes "is needed …"
 * @returns {Promise<string>} what was installed
 */
export async function installSystemPackages(packages, { purpose, log, context }) {
  const missing = missingPackages(packages);
  if (missing.length === 0) return 'all present';
  const manager = detectPackageManager();
  const mend = installCommand(missing, manager);
  const names = [...new Set(missing.map((entry) => entry[manager ?? 'apt']))];
  const prefix = manager === 'apt' ? rootPrefix() : undefined;
  if (!prefix) {
    const why = manager === 'apt' ? '; this user is not root and cannot use sudo without a password' : '';
    throw new SetupFailure(`${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} needed ${purpose}${why}.`, {
      mend,
    });
  }
  try {
    await aptInstall(names, { prefix, log, run: context.run, note: context.note, signal: context.signal });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    throw new SetupFailure(error.reason, { mend, log: error.log, cause: error });
  }
  const still = missingPackages(packages);
  if (still.length > 0) {
    throw new SetupFailure(
      `apt installed ${names.join(', ')}, and yet ${still.map((entry) => entry.apt).join(', ')} cannot be found.`,
      { mend: `sudo apt-get install --reinstall -y ${still.map((entry) => entry.apt).join(' ')}` },
    );
  }
  return names.join(', ');
}
