// Where the sources run as they are: a worker does not inherit its parent's loader. The compiled server starts worker.js.
// Not as ES modules: their loader begins one more thread for every worker, and that takes twice as long.
import { createRequire } from 'node:module';
import { register } from 'tsx/cjs/api';

register();
createRequire(import.meta.url)('./worker.ts');
