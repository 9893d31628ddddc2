// @ts-check
/**
 * A set-up of three steps for session.test.ts, to be killed from outside: `quick` leaves its mark, `long` runs a command until a file `go`
 * appears, `broken` fails where a file `break` exists. Run in an empty folder.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { SetupFailure } from '../failure.mjs';
import { runSession } from '../session.mjs';

/** @type {import('../session.mjs').SetupStep[]} */
const steps = [
  {
    name: 'quick',
    isDone: () => existsSync('quick.done'),
    run: async () => {
      const times = existsSync('quick.times') ? Number(readFileSync('quick.times', 'utf8')) : 0;
      writeFileSync('quick.times', String(times + 1));
      writeFileSync('quick.done', '');
    },
  },
  {
    name: 'long',
    needs: ['quick'],
    isDone: () => existsSync('long.done'),
    run: async ({ run, signal }) => {
      // Without the folder it ends too: a test that failed leaves nothing that runs.
      const script = 'echo $$ > long.pid; while [ ! -e go ] && [ -e long.pid ]; do sleep 0.05; done; touch long.done';
      await run('sh', ['-c', script], { log: 'long', signal });
    },
  },
  {
    name: 'broken',
    needs: ['long'],
    isDone: () => !existsSync('break'),
    run: async () => {
      throw new SetupFailure('The disk is full.', { mend: 'rm break' });
    },
  },
];

process.exit(await runSession(steps, { title: 'Setting up', ending: 'Ready', again: 'npm start' }));
