// @ts-check
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CommandFailure } from './command.mjs';
import { SetupFailure } from './failure.mjs';
import { writeJson } from './json-file.mjs';
import { npmCommand } from './npm-command.mjs';

const sources = ['binding.gyp', 'deps', 'src'];

/** Where node-gyp and prebuild-install put a binding, and where the package looks for it. @param {string} packageFolder */
export function bindingIn(packageFolder) {
  return join(packageFolder, 'build', 'Release', 'better_sqlite3.node');
}

/**
 * Compiles the binding from the sources inside the npm package. May be killed at any moment and called again: make continues with the file
 * that it was compiling.
 *
 * @param {import('./sqlite-cache.mjs').SqliteCache} cache
 * @param {import('./context.mjs').StepContext} context
 * @returns {Promise<string>} path of the binding, not yet proven
 */
export async function buildBinding(cache, { paths, run, env, note, signal }) {
  prepareBuild(join(paths.nodeModules, 'better-sqlite3'), cache.build);
  note('compiling SQLite, about a minute');
  const npm = npmCommand(env);
  try {
    await run(npm.command, [...npm.first, 'run', 'compile'], {
      log: 'sqlite-compile',
      cwd: cache.build,
      env: { ...env, PARLEY_NODE_HEADERS: nodeWithHeaders() ?? '' },
      signal,
    });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    throw toFailure(error, cache);
  }
  return bindingIn(cache.build);
}

/**
 * The build has its own package, whose script npm runs: so node-gyp is the one that npm brings, wherever a distribution put it, and hears of
 * npm's settings. It appears whole, since an existing one is continued.
 *
 * @param {string} packageFolder @param {string} target
 */
function prepareBuild(packageFolder, target) {
  if (existsSync(join(target, 'package.json'))) return;
  const draft = `${target}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  for (const name of sources) cpSync(join(packageFolder, name), join(draft, name), { recursive: true });
  writeJson(join(draft, 'package.json'), {
    name: 'sqlite-binding',
    version: '0.0.0',
    private: true,
    scripts: { compile: compileScript() },
  });
  rmSync(target, { recursive: true, force: true });
  renameSync(draft, target);
}

/** Whoever set `nodedir` means it; else the headers beside this Node, so that nothing must be downloaded; else node-gyp fetches them. */
function compileScript() {
  const command = 'node-gyp configure build --release';
  return `nodedir="\${npm_config_nodedir:-$PARLEY_NODE_HEADERS}"; ${command} \${nodedir:+"--nodedir=$nodedir"}`;
}

/**
 * Most installations of Node carry the headers of that very Node.
 * @param {{ execPath?: string, version?: string }} [node]
 * @returns {string | undefined} the folder that node-gyp calls `nodedir`
 */
export function nodeWithHeaders({ execPath = process.execPath, version = process.versions.node } = {}) {
  const prefix = dirname(dirname(execPath));
  try {
    const header = readFileSync(join(prefix, 'include', 'node', 'node_version.h'), 'utf8');
    const found = ['MAJOR', 'MINOR', 'PATCH'].map(
      (part) => new RegExp(`^#define NODE_${part}_VERSION (\\d+)`, 'm').exec(header)?.[1],
    );
    return found.join('.') === version ? prefix : undefined;
  } catch {
    return undefined;
  }
}

/** @param {CommandFailure} error @param {import('./sqlite-cache.mjs').SqliteCache} cache */
function toFailure(error, cache) {
  const { reason, log, output } = error;
  const headersAreMissing = /nodejs\.org|node_version\.h|node\.h: No such file/.test(output) && !nodeWithHeaders();
  const mend = headersAreMissing
    ? `npm config set nodedir <a folder with include/node of Node ${process.versions.node}>`
    : `rm -rf "${cache.build}" && npm start`;
  return new SetupFailure(`SQLite does not compile.\n${reason}`, { mend, log, cause: error });
}
