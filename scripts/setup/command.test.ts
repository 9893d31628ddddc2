import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CommandFailure, createCommandRunner } from './command.mjs';
import { isAlive, type ProcessIdentity } from './process-identity.mjs';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { waitUntil } from './testing/wait-until.ts';

/** Runs a shell script and hears which children there are. */
function createShell(logs: string) {
  let children: ProcessIdentity[] = [];
  let lastChild: ProcessIdentity | undefined;
  const run = createCommandRunner({
    logs,
    onChildren: (now) => {
      children = now;
      lastChild = now.at(-1) ?? lastChild;
    },
  });
  const shell = (
    script: string,
    options: { signal?: AbortSignal; timeoutMs?: number; onLine?: (line: string) => void },
  ) => run('sh', ['-c', script], { log: 'shell', ...options });
  return { run, shell, children: () => children, lastChild: () => lastChild };
}

async function failureOf(running: Promise<unknown>): Promise<CommandFailure> {
  const error = await running.then(() => undefined).catch((reason) => reason);
  expect(error).toBeInstanceOf(CommandFailure);
  return error as CommandFailure;
}

describe('a command', () => {
  test('that succeeds gives its output, and the log holds it too', async () => {
    using folder = temporaryFolder();
    const lines: string[] = [];
    const { shell } = createShell(folder.path);
    const { output, log } = await shell('echo one; echo two >&2', { onLine: (line) => lines.push(line) });
    expect(output).toBe('one\ntwo\n');
    expect(lines).toEqual(['one', 'two']);
    expect(readFileSync(log, 'utf8')).toBe(output);
    expect(log).toBe(join(folder.path, 'shell.log'));
  });

  test('that fails tells its exit code and its own words', async () => {
    using folder = temporaryFolder();
    const failure = await failureOf(createShell(folder.path).shell('echo working; echo "fatal: no luck"; exit 7', {}));
    expect(failure.code).toBe(7);
    expect(failure.reason).toMatch(/^sh -c .* ended with code 7:\n {2}fatal: no luck$/);
  });

  test('that does not exist says so', async () => {
    using folder = temporaryFolder();
    const { run } = createShell(folder.path);
    const failure = await failureOf(run('no-such-command', ['x'], { log: 'none' }));
    expect(failure.reason).toContain('no-such-command x could not be started');
    expect(failure.reason).toContain('ENOENT');
  });

  test('that takes too long is ended and told apart from one that was killed', async () => {
    using folder = temporaryFolder();
    const { shell } = createShell(folder.path);
    expect((await failureOf(shell('exec sleep 60', { timeoutMs: 50 }))).message).toContain('took longer than 0.05 s');
    expect((await failureOf(shell('kill -TERM $$', {}))).message).toContain('was ended by SIGTERM');
  });

  test('that is told to stop takes its own children with it', async () => {
    using folder = temporaryFolder();
    const { shell, children } = createShell(folder.path);
    const stop = new AbortController();
    const pids: number[] = [];
    const running = shell('sleep 60 & echo $!; wait', {
      signal: stop.signal,
      onLine: (line) => pids.push(Number(line)),
    });
    const ended = running.catch((error) => error);
    await waitUntil(() => pids.length === 1, 'the grandchild started');
    stop.abort(new Error('interrupted'));
    expect((await ended).message).toBe('interrupted');
    await waitUntil(() => !isAlive({ pid: pids[0]!, started: '' }), 'the grandchild ended');
    expect(children()).toEqual([]);
  });

  test('that is to outlive the set-up goes on after an interruption', async () => {
    using folder = temporaryFolder();
    const { run } = createShell(folder.path);
    const stop = new AbortController();
    const running = run('sh', ['-c', 'echo $$; exec sleep 60'], {
      log: 'shell',
      signal: stop.signal,
      outlivesUs: true,
      onLine: (line) => pids.push(Number(line)),
    });
    const pids: number[] = [];
    const ended = running.catch((error) => error);
    await waitUntil(() => pids.length === 1, 'the command started');
    stop.abort(new Error('interrupted'));
    expect((await ended).message).toBe('interrupted');
    expect(isAlive({ pid: pids[0]!, started: '' })).toBe(true);
    process.kill(pids[0]!, 'SIGKILL');
  });

  test('is not even started after the signal to stop', async () => {
    using folder = temporaryFolder();
    const { shell, lastChild } = createShell(folder.path);
    await expect(shell('true', { signal: AbortSignal.abort(new Error('interrupted')) })).rejects.toThrow('interrupted');
    expect(lastChild()).toBeUndefined();
  });
});
