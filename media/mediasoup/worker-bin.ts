// Which binary the workers run: the configured one, the one that the set-up left, or the one in mediasoup's package.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MediaStartError } from '../media-start-error.ts';

/** What the set-up writes when it has made and proved a worker. */
const recordPath = join('node_modules', '.parley', 'worker.json');

/**
 * The path of the worker's binary. `configured` goes before everything when it is not empty.
 * @throws {MediaStartError} that says what to do when there is none.
 */
export function findWorkerBin(configured = '', root = packageRoot()): string {
  if (configured !== '') {
    if (existsSync(configured)) return configured;
    throw new MediaStartError('workerBin', `There is no media worker at ${configured}, which media.workerBin names.`);
  }
  const candidates = [recordedPath(root), packagedPath(root)].filter((path) => path !== undefined);
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new MediaStartError(
    'workerBin',
    `There is no media worker${candidates.map((path) => `, neither at ${path}`).join('')}. ` +
      'Run `node scripts/setup.mjs start` in the checkout, which is what `npm start` does first, or set media.workerBin.',
  );
}

/** The folder of package.json, which is one up from the sources and two up from dist. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

function recordedPath(root: string): string | undefined {
  const file = join(root, recordPath);
  if (!existsSync(file)) return undefined;
  const record: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const path = record instanceof Object && 'path' in record ? record.path : undefined;
  if (typeof path !== 'string')
    throw new MediaStartError('workerBin', `${file} names no path. Delete it and run \`npm start\` again.`);
  return path;
}

function packagedPath(root: string): string | undefined {
  try {
    const entry = createRequire(join(root, 'package.json')).resolve('mediasoup');
    return join(dirname(entry), '..', '..', 'worker', 'out', 'Release', 'mediasoup-worker');
  } catch {
    return undefined;
  }
}
