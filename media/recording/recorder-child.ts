// How the recorder's process is started, whether from the sources or from what was built.

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const isSource = import.meta.url.endsWith('.ts');
const entry = fileURLToPath(new URL(isSource ? './recorder-main.ts' : './recorder-main.js', import.meta.url));

/** It ends by itself when this process is gone. */
export function forkRecorder(): ChildProcess {
  return fork(entry, [], {
    execArgv: isSource ? ['--import', import.meta.resolve('tsx')] : [],
    // Its own words are warnings of Node.js.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}
