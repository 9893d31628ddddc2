// A program of the system that speaks SIP, with a folder of its own and all that it wrote.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

export interface SipProcess extends AsyncDisposable {
  readonly folder: string;
  readonly pid: number;
  readonly log: string;
  /** To its standard input; nothing where it has none. */
  write(text: string): void;
  /** Its exit code, when it ends. */
  readonly ended: Promise<number | null>;
}

async function makeFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-sip-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

export interface SipProcessOptions {
  /** Ends it softly, before it is killed. */
  readonly stop?: NodeJS.Signals;
  /** It is told what to do over its standard input. */
  readonly input?: boolean;
  /** Besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** In a folder with `files`. */
export async function startSipProcess(
  command: string,
  args: (folder: string) => readonly string[],
  files: Readonly<Record<string, string>>,
  { stop = 'SIGKILL', input = false, env = {} }: SipProcessOptions = {},
): Promise<SipProcess> {
  const folder = await makeFolder(files);
  const where = { cwd: folder, env: { ...process.env, ...env } };
  const child = input
    ? spawn(command, args(folder), { ...where, stdio: ['pipe', 'pipe', 'pipe'] })
    : spawn(command, args(folder), { ...where, stdio: ['ignore', 'pipe', 'pipe'] });
  // It may have ended.
  child.stdin?.on('error', () => {});
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    // The last of it: a program that repeats itself for minutes is not kept.
    stream.on('data', (chunk: Buffer) => (log = (log + chunk.toString('latin1')).slice(-200_000)));
  }
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  return {
    folder,
    pid: child.pid ?? 0,
    get log() {
      return log;
    },
    write: (text) => child.stdin?.write(text),
    ended: exit,
    async [Symbol.asyncDispose]() {
      child.kill(stop);
      const timer = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await exit;
      clearTimeout(timer);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Until something is bound there. Nobody is asked: some peers would take the question for a call. */
export async function untilListening(port: number, kind: 'udp' | 'tcp', of: SipProcess): Promise<void> {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const bound = () =>
    [`/proc/net/${kind}`, `/proc/net/${kind}6`].some((path) =>
      readFileSync(path, 'latin1')
        .split('\n')
        .some((line) => line.trim().split(/\s+/)[1]?.endsWith(hex) && (kind === 'udp' || / 0A /.test(line))),
    );
  let gone: number | null | undefined;
  void of.ended.then((code) => (gone = code));
  await eventually(() => {
    if (gone !== undefined) throw new Error(`it ended (${gone}):\n${of.log}`);
    return bound();
  }, `${kind} port ${port}`);
}
