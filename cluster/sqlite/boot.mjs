// Where the sources run as they are: a worker does not inherit its parent's loader. The compiled server starts worker.js.
import { createRequire } from 'node:module';

if (process.env['PARLEY_BUILT']) {
  // `npm test` has compiled what it tests: this begins with a third of the CPU.
  await import(new URL('../../dist/cluster/sqlite/worker.js', import.meta.url).href);
} else {
  // Not as ES modules: their loader begins one more thread for every worker, and that takes twice as long.
  const { register } = await import('tsx/cjs/api');
  register();
  createRequire(import.meta.url)('./worker.ts');
}
