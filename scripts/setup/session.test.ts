import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readJson } from './json-file.mjs';
import { createPaths } from './paths.mjs';
import { isAlive } from './process-identity.mjs';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { waitUntil } from './testing/wait-until.ts';

const script = fileURLToPath(new URL('./testing/interruptible-session.mjs', import.meta.url));

/** Starts the set-up in a folder that is also its cache. */
function startSetup(folder: string) {
  const child: ChildProcess = spawn(process.execPath, [script], {
    cwd: folder,
    env: { ...process.env, XDG_CACHE_HOME: folder },
  });
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, output }));
  return { kill: (signal: NodeJS.Signals) => child.kill(signal), ended, output: () => output };
}

/** The process id that the long step wrote down, once it has. */
async function longStepPid(folder: string, other?: number): Promise<number> {
  const read = () =>
    existsSync(join(folder, 'long.pid')) ? Number(readFileSync(join(folder, 'long.pid'), 'utf8')) : 0;
  await waitUntil(() => read() > 0 && read() !== other, 'the long step started');
  return read();
}

/** A command may be at its work before the set-up has written down that it is. */
function isInLock(folder: string, pid: number): boolean {
  const { lock } = createPaths({ env: { XDG_CACHE_HOME: folder } });
  const { children = [] }: { children?: { pid: number }[] } = readJson(lock) ?? {};
  return children.some((child) => child.pid === pid);
}

function timesQuickRan(folder: string): string {
  return readFileSync(join(folder, 'quick.times'), 'utf8');
}

test('everything done is silence', async () => {
  using folder = temporaryFolder({ 'quick.done': '', 'long.done': '' });
  expect(await startSetup(folder.path).ended).toEqual({ code: 0, signal: null, output: '' });
});

test('a failing step names itself, the reason and the command that mends it, and the next run goes on from there', async () => {
  using folder = temporaryFolder({ go: '', break: '' });
  const first = await startSetup(folder.path).ended;
  expect(first.code).toBe(1);
  expect(first.output).toContain('Set-up failed in "broken".\n  The disk is full.\n  To mend it:  rm break\n');
  rmSync(join(folder.path, 'break'));
  expect(await startSetup(folder.path).ended).toEqual({ code: 0, signal: null, output: '' });
  expect(timesQuickRan(folder.path)).toBe('1');
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends the commands under way and tells how to go on', async (signal) => {
  using folder = temporaryFolder();
  const setup = startSetup(folder.path);
  const pid = await longStepPid(folder.path);
  setup.kill(signal);
  const { code, output } = await setup.ended;
  expect(code).toBe(130);
  expect(output).toContain('this continues where it stopped:  npm start');
  expect(isAlive({ pid, started: '' })).toBe(false);
});

test('killed with SIGKILL, the next run ends what was left behind and continues with the step that was under way', async () => {
  using folder = temporaryFolder();
  const first = startSetup(folder.path);
  const orphan = await longStepPid(folder.path);
  await waitUntil(() => isInLock(folder.path, orphan), 'the lock names it');
  first.kill('SIGKILL');
  expect((await first.ended).signal).toBe('SIGKILL');
  expect(isAlive({ pid: orphan, started: '' })).toBe(true);

  const second = startSetup(folder.path);
  await longStepPid(folder.path, orphan);
  expect(isAlive({ pid: orphan, started: '' })).toBe(false);
  folder.write('go', '');
  expect((await second.ended).code).toBe(0);
  expect(timesQuickRan(folder.path)).toBe('1');
});

test('a second set-up of the same checkout waits for the first, and then has nothing to do', async () => {
  using folder = temporaryFolder();
  const first = startSetup(folder.path);
  const pid = await longStepPid(folder.path);
  const second = startSetup(folder.path);
  await waitUntil(() => second.output().includes('Waiting for another set-up'), 'the second one waits');
  folder.write('go', '');
  expect((await first.ended).code).toBe(0);
  const { code, output } = await second.ended;
  expect(code).toBe(0);
  expect(output).not.toContain('long: started');
  expect(await longStepPid(folder.path)).toBe(pid);
});
