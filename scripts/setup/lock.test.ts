import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJson, writeJson } from './json-file.mjs';
import { acquireLock } from './lock.mjs';
import { identifyProcess, isAlive } from './process-identity.mjs';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { waitUntil } from './testing/wait-until.ts';

const pollMs = 5;

function startSleeper(): ChildProcess {
  return spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
}

/** The identity of a process that has ended. */
async function endedProcess() {
  const child = startSleeper();
  const identity = identifyProcess(child.pid!);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return identity;
}

test('a second holder waits until the first releases, and is told for whom', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'lock.json');
  const first = await acquireLock(path);
  const waitedFor: string[] = [];
  let second: Awaited<ReturnType<typeof acquireLock>> | undefined;
  const waiting = acquireLock(path, { pollMs, onWait: (holder) => waitedFor.push(holder) }).then((lock) => {
    second = lock;
  });
  await waitUntil(() => waitedFor.length > 1, 'the second one waits');
  expect(second).toBeUndefined();
  expect(waitedFor[0]).toBe(`process ${process.pid}`);
  first.release();
  await waiting;
  second?.release();
  expect(readdirSync(folder.path)).toEqual([]);
});

test('the lock of a killed process is taken over, and the children that it left are ended', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'lock.json');
  const orphan = startSleeper();
  const children = [identifyProcess(orphan.pid!)];
  writeJson(path, { owner: await endedProcess(), host: hostname(), children });
  const orphanEnded = once(orphan, 'exit');
  const lock = await acquireLock(path, { pollMs });
  expect((await orphanEnded)[1]).toBe('SIGKILL');
  expect(readJson(path).owner.pid).toBe(process.pid);
  lock.release();
});

test('a process that got the id of a killed one is neither waited for nor ended', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'lock.json');
  const stranger = startSleeper();
  const reused = { pid: stranger.pid!, started: 'at another time' };
  writeJson(path, { owner: reused, host: hostname(), children: [reused] });
  const lock = await acquireLock(path, { pollMs });
  expect(isAlive(identifyProcess(stranger.pid!))).toBe(true);
  lock.release();
  stranger.kill('SIGKILL');
});

test('a lock of another machine is waited for while its heartbeat is fresh, and taken over when it is not', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'lock.json');
  writeJson(path, { owner: { pid: 1, started: '' }, host: 'elsewhere', children: [] });
  const waitedFor: string[] = [];
  const waiting = acquireLock(path, { pollMs, onWait: (holder) => waitedFor.push(holder) });
  await waitUntil(() => waitedFor.length > 1, 'the fresh lock is waited for');
  expect(waitedFor[0]).toBe('a process on elsewhere');
  const longAgo = new Date(Date.now() - 600_000);
  utimesSync(path, longAgo, longAgo);
  (await waiting).release();
});

test('of many that find the same stale lock, one at a time holds it', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'lock.json');
  writeJson(path, { owner: await endedProcess(), host: hostname(), children: [] });
  let holders = 0;
  let most = 0;
  const hold = async () => {
    const lock = await acquireLock(path, { pollMs: 1 });
    most = Math.max(most, ++holders);
    await new Promise((resolve) => setImmediate(resolve));
    holders--;
    lock.release();
  };
  await Promise.all(Array.from({ length: 20 }, hold));
  expect(most).toBe(1);
  expect(existsSync(path)).toBe(false);
});

test('waiting ends with the signal to stop', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'lock.json');
  const lock = await acquireLock(path);
  const stop = new AbortController();
  const waiting = acquireLock(path, { pollMs, signal: stop.signal, onWait: () => stop.abort() });
  await expect(waiting).rejects.toThrow(/abort/);
  lock.release();
});
