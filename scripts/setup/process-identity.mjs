// @ts-check
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/**
 * A process named so that a later process with the same id is not taken for it.
 * @typedef {{ pid: number, started: string }} ProcessIdentity `started` is empty where the system does not tell
 */

const ended = 'ended';

/** @param {number} pid @returns {ProcessIdentity} */
export function identifyProcess(pid) {
  return { pid, started: startOf(pid) };
}

/** @param {ProcessIdentity} identity */
export function isAlive(identity) {
  if (!exists(identity.pid)) return false;
  const started = startOf(identity.pid);
  if (started === ended) return false;
  return identity.started === '' || started === '' || started === identity.started;
}

/** @param {number} pid */
function exists(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** @param {number} pid */
function startOf(pid) {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // proc(5): the second field is a name in parentheses that may hold spaces; the start time is field 22.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // A zombie has ended, only nobody asked for its exit code yet.
      return fields[0] === 'Z' ? ended : (fields[19] ?? '');
    } catch {
      // It ended since it was looked for, unless /proc is not there at all.
      return existsSync('/proc/self/stat') ? ended : '';
    }
  }
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout?.trim() ?? '';
}
