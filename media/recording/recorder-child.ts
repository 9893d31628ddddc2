// How the recorder's process is started, whether from the sources or from what was built.

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// The compiled file needs no loader; the sources do.
const inSources = import.meta.url.endsWith('.ts');
const entry = fileURLToPath(new URL(inSources ? './boot.mjs' : './recorder-main.js', import.meta.url));

/** It ends by itself when this process is gone. */
export function forkRecorder(): ChildProcess {
  return fork(entry, [], {
    execArgv: [],
    // Its own words are warnings of Node.js.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}
