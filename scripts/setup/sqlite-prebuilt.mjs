// @ts-check
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CommandFailure } from './command.mjs';
import { bindingIn } from './sqlite-build.mjs';

/** Two megabytes; a network that swallows packets must not hold up a build of one minute for longer. */
const timeoutMs = 30_000;

/**
 * Fetches the binding that better-sqlite3 publishes for this Node and platform, with the package's own tool, which knows npm's settings for
 * proxies and mirrors. Whatever goes wrong is no failure: the binding can be compiled instead.
 *
 * @param {import('./sqlite-cache.mjs').SqliteCache} cache
 * @param {import('./context.mjs').StepContext} context
 * @returns {Promise<string | undefined>} the binding, not yet proven; `undefined` where none is to be had
 */
export async function downloadBinding(cache, { paths, run, env, note, signal }) {
  const packageJson = join(paths.nodeModules, 'better-sqlite3', 'package.json');
  const tool = resolveTool(packageJson);
  if (!tool) return undefined;
  note('looking for a prebuilt binding');
  rmSync(cache.download, { recursive: true, force: true });
  mkdirSync(cache.download, { recursive: true });
  copyFileSync(packageJson, join(cache.download, 'package.json'));
  try {
    await run(process.execPath, [tool], { log: 'sqlite-download', cwd: cache.download, env, signal, timeoutMs });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return undefined;
  }
  const binding = bindingIn(cache.download);
  return existsSync(binding) ? binding : undefined;
}

/** @param {string} packageJson */
function resolveTool(packageJson) {
  try {
    return createRequire(packageJson).resolve('prebuild-install/bin.js');
  } catch {
    return undefined;
  }
}
