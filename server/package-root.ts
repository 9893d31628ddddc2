import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json: one up from the sources, two up from dist. */
export const packageRoot: string = find(dirname(fileURLToPath(import.meta.url)));

/** Where the build puts the web page. */
export const builtInPage: string = join(packageRoot, 'dist', 'web-demo');

/** What of package.json the server reads. */
export const packageJson = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly engines: { readonly node: string };
};

export const { version } = packageJson;

function find(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('package.json is missing beside the code of Parley');
  return find(parent);
}
