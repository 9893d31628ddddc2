// `parley` as a person runs it: a process of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { serverIsBuilt } from '../../scripts/setup/build-server.mjs';
import { createPaths } from '../../scripts/setup/paths.mjs';
import { packageRoot } from '../../server/package-root.ts';
import { eventually } from './eventually.ts';

export interface ParleyProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** What it has written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Waits for a text on standard output. @throws {Error} with everything that was written, when the process ends before. */
  waitFor(text: string): Promise<void>;
  /** Waits for the end, and answers with the exit code; null when a signal ended it. */
  exited(): Promise<number | null>;
}

const fromSources = [
  '--import',
  join(packageRoot, 'node_modules', 'tsx', 'dist', 'loader.mjs'),
  join(packageRoot, 'server', 'main.ts'),
];
const asBuilt = ['--enable-source-maps', join(packageRoot, 'dist', 'server', 'main.js')];
let entry: readonly string[] | undefined;

/** What is built starts with half the CPU; while somebody edits the sources, it is not what they want to test. */
function findEntry(): readonly string[] {
  entry ??= process.env['PARLEY_BUILT'] || serverIsBuilt({ paths: createPaths() }) ? asBuilt : fromSources;
  return entry;
}

/** The environment is empty of our options, whatever the test runner has. Leaving its block kills the process. */
export function startParley(
  args: readonly string[],
  options: {
    cwd: string;
    env?: Readonly<Record<string, string>>;
    /** Stands before the command, as of a network namespace. */
    prefix?: readonly string[];
  },
): ParleyProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PARLEY_'));
  const [command = process.execPath, ...before] = [...(options.prefix ?? []), process.execPath];
  const child = spawn(command, [...before, ...findEntry(), ...args], {
    cwd: options.cwd,
    env: { ...Object.fromEntries(inherited), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      written[name] += chunk.toString();
    });
  }
  const closed = once(child, 'close') as Promise<[number | null]>;
  let ended = false;
  void closed.then(() => {
    ended = true;
  });

  return {
    child,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    async waitFor(text) {
      await eventually(() => ended || written.stdout.includes(text), `"${text}" from parley`, 60_000);
      if (written.stdout.includes(text)) return;
      throw new Error(`parley ended without "${text}":\n${written.stdout}\n${written.stderr}`);
    },
    exited: async () => (await closed)[0],
    async [Symbol.asyncDispose]() {
      if (!ended) child.kill('SIGKILL');
      await closed;
    },
  };
}
