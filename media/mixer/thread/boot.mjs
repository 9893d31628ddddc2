// Where the sources run as they are: a worker does not inherit its parent's loader. The compiled server starts main.js.
import { register } from 'tsx/esm/api';

register();
await import('./main.ts');
