// @ts-check
import { linkSync, mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readJson, writeJson } from './json-file.mjs';
import { identifyProcess, isAlive } from './process-identity.mjs';

const heartbeatMs = 10_000;
const foreignStaleMs = 120_000;
const takeoverStaleMs = 5_000;
const killedWithinMs = 5_000;
const pause = new Int32Array(new SharedArrayBuffer(4));

/**
 * @typedef {import('./process-identity.mjs').ProcessIdentity} ProcessIdentity
 * @typedef {{ owner: ProcessIdentity, host: string, children: ProcessIdentity[] }} LockContent
 * @typedef {{ setChildren(children: ProcessIdentity[]): void, release(): void }} Lock
 */

/**
 * Holds `path` for this process, waiting while another live process holds it.
 *
 * A holder that was killed leaves its file behind, and may leave its compiler or npm running. Such a lock is taken over, after ending
 * those children: two npm or two ninja in one folder would spoil each other's work. On the same machine a holder is known by its process id
 * and start time; on another machine (a cache on a shared disk) by the heartbeat on the file.
 *
 * @param {string} path
 * @param {{ signal?: AbortSignal | undefined, pollMs?: number, onWait?: (holder: string) => void }} options
 * @returns {Promise<Lock>}
 */
export async function acquireLock(path, { signal, pollMs = 500, onWait } = {}) {
  mkdirSync(dirname(path), { recursive: true });
  for (;;) {
    signal?.throwIfAborted();
    if (tryCreate(path)) return hold(path);
    const holder = readJson(path);
    if (isStale(path, holder)) {
      takeAway(path);
      if (tryCreate(path)) return hold(path);
    }
    onWait?.(
      holder?.host === hostname() ? `process ${holder.owner.pid}` : `a process on ${holder?.host ?? 'another machine'}`,
    );
    await delay(pollMs, undefined, signal ? { signal } : {});
  }
}

/** @param {ProcessIdentity[]} children @returns {LockContent} */
function contentOf(children) {
  return { owner: identifyProcess(process.pid), host: hostname(), children };
}

/** Linking a finished file into place creates the lock and its content at once: nobody can read a half-written one. @param {string} path */
function tryCreate(path) {
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(draft, JSON.stringify(contentOf([])));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** @param {string} path @returns {Lock} */
function hold(path) {
  const heartbeat = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // The cache was deleted under us; the work itself will say so.
    }
  }, heartbeatMs);
  heartbeat.unref();
  return {
    setChildren: (children) => writeJson(path, contentOf(children)),
    release: () => {
      clearInterval(heartbeat);
      if (readJson(path)?.owner?.pid === process.pid) rmSync(path, { force: true });
    },
  };
}

/** @param {string} path @param {LockContent | undefined} holder */
function isStale(path, holder) {
  if (holder?.host === hostname() && holder.owner) return !isAlive(holder.owner);
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs > foreignStaleMs;
}

/**
 * Two processes may find the same stale lock, and the slower one must not remove the fresh lock that the faster one has made since. So a
 * lock is only ever taken away by whoever holds the take-over file, and only after looking again.
 * @param {string} path
 */
function takeAway(path) {
  const takeover = `${path}.takeover`;
  try {
    writeFileSync(takeover, '', { flag: 'wx' });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    // Held for a few milliseconds; an old one belongs to a process that was killed just then.
    const stat = statSync(takeover, { throwIfNoEntry: false });
    if (stat && Date.now() - stat.mtimeMs > takeoverStaleMs) rmSync(takeover, { force: true });
    return;
  }
  try {
    const holder = readJson(path);
    if (!isStale(path, holder)) return;
    if (holder?.host === hostname()) for (const child of holder.children ?? []) endGroup(child);
    rmSync(path, { force: true });
  } finally {
    rmSync(takeover, { force: true });
  }
}

/** Children lead their own process group, so that a compiler's helpers end with it. @param {ProcessIdentity} child */
function endGroup(child) {
  if (!isAlive(child)) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended between the look and the kill.
  }
  // What goes on must not meet it: a process that is killed still writes until the system gets to it.
  const deadline = Date.now() + killedWithinMs;
  while (isAlive(child) && Date.now() < deadline) Atomics.wait(pause, 0, 0, 10);
}
