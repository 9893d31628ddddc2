// @ts-check
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { CommandFailure } from './command.mjs';
import { SetupFailure } from './failure.mjs';
import { fingerprint, listFiles } from './fingerprint.mjs';
import { readJson, writeJson } from './json-file.mjs';

/** Folders of the checkout that hold nothing which the server is compiled from. */
const notServer = new Set([
  'bench',
  'client',
  'coverage',
  'data',
  'deploy',
  'dist',
  'docs',
  'loadtest',
  'node_modules',
  'scripts',
  'test',
  'web-demo',
]);
const generated = /\.(js|json|d\.ts)$/;
const redisScripts = /\.lua$/;
const sounds = /\.wav$/;

/** @param {import('./paths.mjs').Paths} paths */
function stampPath(paths) {
  return join(paths.dist, '.server.json');
}

/** @param {import('./paths.mjs').Paths} paths */
function serverSources(paths) {
  const folders = readdirSync(paths.root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !notServer.has(entry.name))
    .map((entry) => join(paths.root, entry.name));
  const sources = folders.flatMap((folder) => listFiles(folder, (path) => !path.endsWith('.test.ts')));
  return [...sources, join(paths.root, 'tsconfig.json'), join(paths.root, 'tsconfig.build.json'), paths.packageLock];
}

/** @param {import('./paths.mjs').Paths} paths */
function sourcesKey(paths) {
  return fingerprint(paths.root, serverSources(paths));
}

/** @param {Pick<import('./context.mjs').StepContext, 'paths'>} context */
export function serverIsBuilt({ paths }) {
  const stamp = readJson(stampPath(paths));
  return stamp !== undefined && stamp.key === sourcesKey(paths);
}

/** @param {import('./context.mjs').StepContext} context */
export async function buildServer({ paths, run, signal }) {
  // Taken first: what is edited while the compiler runs is built the next time.
  const key = sourcesKey(paths);
  const startedMs = Date.now();
  rmSync(stampPath(paths), { force: true });
  try {
    await run(process.execPath, [join(paths.nodeModules, 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'], {
      log: 'build-server',
      cwd: paths.root,
      signal,
    });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    throw new SetupFailure(error.reason, { mend: 'npm run typecheck', log: error.log, cause: error });
  }
  copyFiles(join(paths.root, 'proto', 'gen'), join(paths.dist, 'proto', 'gen'), generated);
  copyFiles(join(paths.root, 'cluster', 'redis'), join(paths.dist, 'cluster', 'redis'), redisScripts);
  copyFiles(join(paths.root, 'sip', 'prompts'), join(paths.dist, 'sip', 'prompts'), sounds);
  removeLeftovers(paths.dist, startedMs);
  writeJson(stampPath(paths), { key });
}

/**
 * The compiler carries TypeScript over; what is generated as JavaScript, is for Redis or is heard must follow by itself.
 * @param {string} from @param {string} to @param {RegExp} names
 */
function copyFiles(from, to, names) {
  for (const file of listFiles(from)) {
    if (!names.test(file)) continue;
    const target = join(to, relative(from, file));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(file, target);
  }
}

/** Code whose source was deleted or renamed must not stay importable. @param {string} dist @param {number} startedMs */
function removeLeftovers(dist, startedMs) {
  // File systems round their times; a second's grace can only spare a leftover until the next build.
  const before = startedMs - 1_000;
  for (const file of listFiles(dist, (path) => path !== 'web-demo')) {
    if (/\.js(\.map)?$/.test(file) && existsSync(file) && statSync(file).mtimeMs < before) rmSync(file);
  }
}
