// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Longer than a server takes to let its clients go. */
const killAfterMs = 20_000;
const startTimeoutMs = 60_000;

/** A process of the cluster with its folder and its log. */
export class ClusterProcess {
  /** @param {import('./plan.mjs').Planned} planned */
  constructor(planned) {
    this.planned = planned;
    this.logFile = `${planned.files}.log`;
    /** @type {import('node:child_process').ChildProcess | undefined} */
    this.child = undefined;
    /** @type {Promise<unknown>} */
    this.ended = Promise.resolve();
  }

  get runs() {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /**
   * Resolves when it answers at its port.
   *
   * @param {AbortSignal} signal of giving up
   */
  async start(signal) {
    const { name, command, args, env, files, contents, port } = this.planned;
    await mkdir(files, { recursive: true, mode: 0o700 });
    for (const [file, text] of Object.entries(contents)) await writeFile(join(files, file), text, { mode: 0o600 });
    if (await answers(port)) throw new Error(`${name} cannot start: something else answers at port ${port}`);
    const log = createWriteStream(this.logFile, { mode: 0o600 });
    await once(log, 'open');
    const inherited = Object.entries(process.env).filter(([key]) => !key.startsWith('PARLEY_'));
    // In a group of its own: Ctrl-C is for the one who started all of them, who ends them in an order.
    const child = spawn(command, args, {
      env: { ...Object.fromEntries(inherited), ...env },
      cwd: files,
      stdio: ['ignore', log, log],
      detached: true,
    });
    log.close();
    this.child = child;
    this.ended = new Promise((resolve) => {
      child.once('exit', resolve);
      child.once('error', resolve);
    });
    const endMs = performance.now() + startTimeoutMs;
    while (!(await answers(port))) {
      signal.throwIfAborted();
      if (!this.runs || performance.now() > endMs) throw new Error(`${name} did not start:\n${await this.lastLines()}`);
      await delay(50);
    }
  }

  /** Kindly at first. */
  async stop() {
    if (!this.runs) return;
    this.child?.kill('SIGTERM');
    const kill = setTimeout(() => this.kill(), killAfterMs);
    await this.ended;
    clearTimeout(kill);
  }

  kill() {
    if (this.runs) this.child?.kill('SIGKILL');
  }

  async lastLines(count = 20) {
    const text = await readFile(this.logFile, 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-count).join('\n');
  }
}

/** @param {number} port @returns {Promise<boolean>} whether somebody takes connections there */
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
