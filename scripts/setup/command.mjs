// @ts-check
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { lastMeaningfulLines } from './failure.mjs';
import { identifyProcess } from './process-identity.mjs';

const pollMs = 250;
const killAfterMs = 5_000;
const tailBytes = 64 * 1024;

export class CommandFailure extends Error {
  /** @param {{ shown: string, outcome: string, code: number | null, output: string, log: string }} details */
  constructor({ shown, outcome, code, output, log }) {
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
 * @property {boolean} [outlivesUs] not ended when the set-up is killed: a half-run dpkg is worse than a finished one
 * @property {AbortSignal} [signal] ends the command
 * @typedef {(command: string, args: string[], options: CommandOptions) => Promise<{ output: string, log: string }>} RunCommand
 */

/**
 * Commands write straight to a file and not to a pipe: they survive the death of the set-up without a broken pipe, and the whole output can be read afterwards.
 *
 * @param {{ logs: string, onChildren?: (children: import('./process-identity.mjs').ProcessIdentity[]) => void }} options
 * @returns {RunCommand}
 */
export function createCommandRunner({ logs, onChildren = () => {} }) {
  /** @type {Map<number, import('./process-identity.mjs').ProcessIdentity>} */
  const children = new Map();

  return async (command, args, { log, cwd, env = process.env, onLine, timeoutMs, signal, outlivesUs = false }) => {
    signal?.throwIfAborted();
    mkdirSync(logs, { recursive: true });
    const logPath = join(logs, `${log}.log`);
    const fd = openSync(logPath, 'w');
    const reader = createLineReader(logPath, onLine ?? (() => {}));
    const poll = setInterval(reader.read, pollMs);
    try {
      const child = spawn(command, args, { cwd, env, stdio: ['ignore', fd, fd], detached: true });
      const outcome = new Promise((resolve, reject) => {
        child.once('error', reject);
        child.once('exit', (code, exitSignal) => resolve({ code, exitSignal }));
      });
      const pid = child.pid;
      if (pid !== undefined && !outlivesUs) children.set(pid, identifyProcess(pid));
      onChildren([...children.values()]);
      const guard = guardChild(pid, { signal, timeoutMs });
      const shown = [command.split('/').pop(), ...args].join(' ').slice(0, 120);
      /** @type {{ code: number | null, exitSignal: NodeJS.Signals | null }} */
      const { code, exitSignal } = await outcome
        .catch((error) => {
          throw new CommandFailure({
            shown,
            outcome: 'could not be started',
            code: null,
            output: String(error.message),
            log: logPath,
          });
        })
        .finally(() => {
          guard.stop();
          if (pid !== undefined) children.delete(pid);
          onChildren([...children.values()]);
        });
      reader.read();
      signal?.throwIfAborted();
      if (code === 0) return { output: reader.tail(), log: logPath };
      const ended = guard.timedOut()
        ? `took longer than ${(timeoutMs ?? 0) / 1000} s`
        : exitSignal
          ? `was ended by ${exitSignal}`
          : `ended with code ${code}`;
      throw new CommandFailure({ shown, outcome: ended, code, output: reader.tail(), log: logPath });
    } finally {
      clearInterval(poll);
      reader.close();
      closeSync(fd);
    }
  };
}

/**
 * Ends a child's whole process group when its time is over or the set-up is told to stop: kindly first, then not.
 * @param {number | undefined} pid @param {{ signal: AbortSignal | undefined, timeoutMs: number | undefined }} options
 */
function guardChild(pid, { signal, timeoutMs }) {
  let timedOut = false;
  /** @type {NodeJS.Timeout | undefined} */
  let kill;
  const send = (/** @type {NodeJS.Signals} */ name) => {
    try {
      if (pid !== undefined) process.kill(-pid, name);
    } catch {
      // The group has ended by itself.
    }
  };
  const end = () => {
    send('SIGINT');
    kill = setTimeout(() => send('SIGKILL'), killAfterMs);
  };
  const deadline =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          end();
        }, timeoutMs);
  signal?.addEventListener('abort', end, { once: true });
  return {
    timedOut: () => timedOut,
    stop: () => {
      clearTimeout(deadline);
      clearTimeout(kill);
      signal?.removeEventListener('abort', end);
    },
  };
}

/** @param {string} path @param {(line: string) => void} onLine */
function createLineReader(path, onLine) {
  const fd = openSync(path, 'r');
  const buffer = Buffer.alloc(tailBytes);
  let position = 0;
  let unfinished = '';
  let tail = '';
  return {
    read: () => {
      for (;;) {
        const count = readSync(fd, buffer, 0, buffer.length, position);
        if (count === 0) return;
        position += count;
        const text = buffer.toString('utf8', 0, count);
        tail = (tail + text).slice(-tailBytes);
        const lines = (unfinished + text).split(/[\r\n]+/);
        unfinished = lines.pop() ?? '';
        for (const line of lines) if (line !== '') onLine(line);
      }
    },
    tail: () => tail,
    close: () => closeSync(fd),
  };
}
