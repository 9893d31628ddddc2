// @ts-check
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailure } from './command.mjs';
import { SetupFailure } from './failure.mjs';
import { fingerprint, listFiles } from './fingerprint.mjs';
import { readJson, writeJson } from './json-file.mjs';

/** @param {import('./paths.mjs').Paths} paths */
function stampPath(paths) {
  return join(paths.dist, '.page.json');
}

/** The page is made of the demo, the SDK and the generated contract. @param {import('./paths.mjs').Paths} paths */
function sourcesKey(paths) {
  const folders = ['web-demo', 'client', join('proto', 'gen')];
  const sources = folders.flatMap((folder) =>
    listFiles(
      join(paths.root, folder),
      (path) => !/(^|\/)(node_modules|dist)$/.test(path) && !/\.test\.tsx?$/.test(path),
    ),
  );
  return fingerprint(paths.root, [...sources, join(paths.root, 'tsconfig.json'), paths.packageLock]);
}

/** @param {import('./context.mjs').StepContext} context */
export function pageIsBuilt({ paths }) {
  const stamp = readJson(stampPath(paths));
  return (
    stamp !== undefined && existsSync(join(paths.dist, 'web-demo', 'index.html')) && stamp.key === sourcesKey(paths)
  );
}

/** @param {import('./context.mjs').StepContext} context */
export async function buildPage({ paths, run, signal }) {
  const key = sourcesKey(paths);
  const page = join(paths.root, 'web-demo');
  rmSync(stampPath(paths), { force: true });
  if (!existsSync(join(page, 'index.html')))
    throw new SetupFailure('web-demo/index.html is missing.', { mend: 'git checkout web-demo' });
  const vite = join(paths.nodeModules, 'vite', 'bin', 'vite.js');
  const args = [vite, 'build', '--outDir', join(paths.dist, 'web-demo'), '--emptyOutDir', '--logLevel', 'warn'];
  try {
    await run(process.execPath, args, { log: 'build-page', cwd: page, signal });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    throw new SetupFailure(error.reason, { mend: 'npm run build', log: error.log, cause: error });
  }
  writeJson(stampPath(paths), { key });
}
