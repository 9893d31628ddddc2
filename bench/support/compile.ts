// Servers and clients run compiled, as they do in use: the loader of the sources gives every function that is made its name
// again, which costs a connection some kilobytes and each call some time.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
/** Inside the repository, where packages are found. */
const output = new URL('node_modules/.cache/parley-bench/', root);
/** What is read from beside the code. */
const besideCode = ['cluster/redis/scripts/'];
let compiled = false;

/** The compiled file of a source in `bench`; all are compiled when the first is asked for. */
export function compiledModule(path: string): URL {
  if (!compiled) compile();
  compiled = true;
  return new URL(`bench/${path.replace(/\.ts$/, '.js')}`, output);
}

function compile(): void {
  mkdirSync(output, { recursive: true });
  writeFileSync(new URL('package.json', output), '{ "name": "parley", "version": "0.0.0", "type": "module" }\n');
  const project = fileURLToPath(new URL('bench/tsconfig.build.json', root));
  const compiler = fileURLToPath(new URL('node_modules/.bin/tsc', root));
  for (const folder of besideCode) cpSync(new URL(folder, root), new URL(folder, output), { recursive: true });
  execFileSync(compiler, ['-p', project, '--outDir', fileURLToPath(output)], { stdio: 'inherit' });
}
