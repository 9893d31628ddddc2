// @ts-check
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { guardChild } from './child-guard.mjs';
import { lastMeaningfulLines } from './failure.mjs';
import { createLogReader } from './log-reader.mjs';
import { identifyProcess } from './process-identity.mjs';

const pollMs = 250;

export class CommandFailure extends Error {
  /** @param {{ shown: string, outcome: string, code?: number | null, output: string, log: string }} details */
  constructor({ shown, outcome, code = null, output, log }) {
    super(`${shown} ${outcome}`);
    this.name = 'CommandFailure';
    this.code = code;
    this.output = output;
    this.log = log;
  }

  /** What went wrong, in the command's own words. */
  get reason() {
    return [`${this.message}:`, ...lastMeaningfulLines(this.output).map((line) => `  ${line}`)].join('\n');
  }
}

/**
 * @typedef {object} CommandOptions
 * @property {string} log name of the log file; a command's earlier log is replaced
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env] replaces the environment
 * @property {(line: string) => void} [onLine] hears each line of output, a quarter of a second late
 * @property {number} [timeoutMs]
 * @property {AbortSignal} [signal] ends the command
 * @property {boolean} [outlivesUs] is left to finish when the set-up is interrupted: a half-run dpkg is worse than a late one
 * @typedef {(command: string, args: string[], options: CommandOptions) => Promise<{ output: string, log: string }>} RunCommand
 */

/**
 * Commands write straight to a file and not to a pipe: the death of the set-up breaks no pipe of theirs, and the whole
 * output can be read afterwards.
 *
 * @param {{ logs: string, onChildren?: (children: import('./process-identity.mjs').ProcessIdentity[]) => void }} options
 * `onChildren` hears which commands are under way
 * @returns {RunCommand}
 */
export function createCommandRunner({ logs, onChildren = () => {} }) {
  /** @type {Map<number, import('./process-identity.mjs').ProcessIdentity>} */
  const children = new Map();

  return async (command, args, { log, cwd, env = process.env, onLine = () => {}, timeoutMs, signal, outlivesUs }) => {
    signal?.throwIfAborted();
    mkdirSync(logs, { recursive: true });
    const logPath = join(logs, `${log}.log`);
    const fd = openSync(logPath, 'w');
    const reader = createLogReader(logPath, onLine);
    const poll = setInterval(reader.read, pollMs);
    const shown = [command.split('/').pop(), ...args].join(' ').slice(0, 120);
    try {
      const child = spawn(command, args, { cwd, env, stdio: ['ignore', fd, fd], detached: true });
      const ended = waitForEnd(child);
      // Without a process id it was not started, and `ended` tells why.
      if (child.pid === undefined)
        throw new CommandFailure({
          shown,
          output: await ended.then(String, String),
          outcome: 'could not be started',
          log: logPath,
        });
      if (outlivesUs) {
        const { code, exitSignal } = await orAbort(ended, signal);
        return conclude({ code, exitSignal, timedOut: false });
      }
      const guard = guardChild(child.pid, { signal, timeoutMs });
      children.set(child.pid, identifyProcess(child.pid));
      onChildren([...children.values()]);
      const { code, exitSignal } = await ended;
      guard.release();
      children.delete(child.pid);
      onChildren([...children.values()]);
      signal?.throwIfAborted();
      return conclude({ code, exitSignal, timedOut: guard.timedOut() });
    } finally {
      clearInterval(poll);
      reader.close();
      closeSync(fd);
    }

    /** @param {{ code: number | null, exitSignal: NodeJS.Signals | null, timedOut: boolean }} end */
    function conclude({ code, exitSignal, timedOut }) {
      reader.read();
      if (code === 0) return { output: reader.tail(), log: logPath };
      const how = exitSignal ? `was ended by ${exitSignal}` : `ended with code ${code}`;
      const outcome = timedOut ? `took longer than ${(timeoutMs ?? 0) / 1000} s` : how;
      throw new CommandFailure({ shown, outcome, code, output: reader.tail(), log: logPath });
    }
  };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<{ code: number | null, exitSignal: NodeJS.Signals | null }>}
 */
function waitForEnd(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, exitSignal) => resolve({ code, exitSignal }));
  });
}

/**
 * @template T
 * @param {Promise<T>} promise @param {AbortSignal | undefined} signal
 * @returns {Promise<T>}
 */
function orAbort(promise, signal) {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
