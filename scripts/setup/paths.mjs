// @ts-check
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Where the set-up keeps things. What belongs to one installation of packages lives in `node_modules/.parley` and goes away with it;
 * what is worth keeping for the next clone lives in the cache; logs and the lock of a checkout live in the cache too, because `npm ci` empties `node_modules`.
 *
 * @param {{ root?: string, env?: Record<string, string | undefined>, home?: string }} options
 */
export function createPaths({
  root = fileURLToPath(new URL('../..', import.meta.url)),
  env = process.env,
  home = homedir(),
} = {}) {
  const checkout = root.replace(/[/\\]+$/, '');
  const cache = join(env['XDG_CACHE_HOME'] || join(home, '.cache'), 'parley');
  const nodeModules = join(checkout, 'node_modules');
  const checkoutKey = `${basename(checkout)}-${createHash('sha256').update(checkout).digest('hex').slice(0, 8)}`;
  const ofCheckout = join(cache, 'checkouts', checkoutKey);
  return {
    root: checkout,
    cache,
    nodeModules,
    stamps: join(nodeModules, '.parley'),
    packageLock: join(checkout, 'package-lock.json'),
    dist: join(checkout, 'dist'),
    logs: join(ofCheckout, 'logs'),
    lock: join(ofCheckout, 'lock.json'),
    workerCache: join(cache, 'worker'),
    sqliteCache: join(cache, 'sqlite'),
    workerRecipe: fileURLToPath(new URL('./worker', import.meta.url)),
  };
}

/** @typedef {ReturnType<typeof createPaths>} Paths */
