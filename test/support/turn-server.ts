// A real TURN server for a test: coturn, on free ports of 127.0.0.1.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { findFreePort } from './free-port.ts';
import { requirePath } from './require.ts';

/**
 * ```ts
 * await using relay = await startTurnServer({ secret });
 * await using server = await startServer({ turn: { urls: [relay.url], secret } });
 * ```
 */
export interface TurnServer extends AsyncDisposable {
  readonly port: number;
  /** Over UDP. */
  readonly url: string;
  readonly tcpUrl: string;
  /** What it has written so far. */
  readonly log: string;
}

/** `options`: lines of turnserver.conf besides those that every test needs. */
export async function startTurnServer({
  secret,
  options = [],
  prefix = [],
}: {
  readonly secret: string;
  readonly options?: readonly string[];
  /** Stands before the command, as of a network namespace; then nothing asks whether it has started. */
  readonly prefix?: readonly string[];
}): Promise<TurnServer> {
  const port = await findFreePort();
  const folder = await mkdtemp(join(tmpdir(), 'parley-turn-'));
  const lines = [
    'listening-ip=127.0.0.1',
    ...(options.some((line) => line.startsWith('relay-ip=')) ? [] : ['relay-ip=127.0.0.1']),
    `listening-port=${port}`,
    'allow-loopback-peers',
    'realm=parley.test',
    'use-auth-secret',
    `static-auth-secret=${secret}`,
    'no-tls',
    'no-dtls',
    'no-cli',
    'verbose',
    'log-file=stdout',
    `pidfile=${join(folder, 'turnserver.pid')}`,
    `userdb=${join(folder, 'turndb')}`,
    ...options,
  ];
  const binary = requirePath('coturn');
  const [command = binary, ...before] = [...prefix, binary];
  const process = spawn(command, [...before, '-n', ...lines.map((line) => `--${line}`)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [process.stdout, process.stderr]) stream.on('data', (chunk: Buffer) => (log += chunk));
  const ended = once(process, 'exit');
  const stop = async () => {
    process.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await eventually(() => (prefix.length > 0 ? log.includes('listener opened') : answers(port)), 'the TURN server');
  } catch (error) {
    await stop();
    throw new Error(`turnserver did not start:\n${log}`, { cause: error });
  }
  return {
    port,
    url: `turn:127.0.0.1:${port}?transport=udp`,
    tcpUrl: `turn:127.0.0.1:${port}?transport=tcp`,
    get log() {
      return log;
    },
    [Symbol.asyncDispose]: stop,
  };
}

function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}
