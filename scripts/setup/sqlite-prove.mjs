// @ts-check
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandFailure } from './command.mjs';
import { SetupFailure } from './failure.mjs';

/** Exit code of sqlite-proof.mjs for "the proof cannot run here", as opposed to "the binding failed it". */
export const exitCannotProve = 3;

const proofScript = fileURLToPath(new URL('./sqlite-proof.mjs', import.meta.url));
const timeoutMs = 30_000;

/**
 * Has a binding open a database in memory and search in it.
 *
 * @param {string} binding
 * @param {import('./context.mjs').StepContext} context
 * @returns {Promise<{ reason: string, log: string } | undefined>} why it fails; `undefined` when it is proven
 */
export async function proveBinding(binding, { run, note, signal, paths }) {
  note('proving it with a database in memory');
  try {
    await run(process.execPath, [proofScript, join(paths.nodeModules, 'better-sqlite3'), binding], {
      log: 'sqlite-proof',
      cwd: paths.root,
      signal,
      timeoutMs,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    const { reason, log } = error;
    if (error.code !== exitCannotProve) return { reason, log };
    throw new SetupFailure(`SQLite's binding cannot be proven here.\n${reason}`, { mend: 'npm ci', log, cause: error });
  }
}
