// A real TURN server for a test: coturn, on free ports of 127.0.0.1.

import { execFileSync, spawn } from 'node:child_process';
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
  /** Over TLS, with a certificate that nobody vouches for; only with `tls`. */
  readonly tlsUrl: string;
  /** What it has written so far. */
  readonly log: string;
}

/** `options`: lines of turnserver.conf besides those that every test needs. */
export async function startTurnServer({
  secret,
  options = [],
  tls = false,
  prefix = [],
}: {
  readonly secret: string;
  readonly options?: readonly string[];
  /** Needs openssl: ask requireOrSkip. */
  readonly tls?: boolean;
  /** Stands before the command, as of a network namespace; then nothing asks whether it has started. */
  readonly prefix?: readonly string[];
}): Promise<TurnServer> {
  const port = await findFreePort();
  const tlsPort = tls ? await findFreePort() : 0;
  const folder = await mkdtemp(join(tmpdir(), 'parley-turn-'));
  const lines = [
    'listening-ip=127.0.0.1',
    ...(options.some((line) => line.startsWith('relay-ip=')) ? [] : ['relay-ip=127.0.0.1']),
    `listening-port=${port}`,
    'allow-loopback-peers',
    'realm=parley.test',
    'use-auth-secret',
    `static-auth-secret=${secret}`,
    ...(tls ? [`tls-listening-port=${tlsPort}`, ...makeCertificate(folder)] : ['no-tls']),
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
    tlsUrl: `turns:127.0.0.1:${tlsPort}?transport=tcp`,
    get log() {
      return log;
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** For 127.0.0.1, by its own key. @returns lines of turnserver.conf */
function makeCertificate(folder: string): string[] {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const what = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync(requirePath('openssl'), ['req', ...what, ...name, '-keyout', key, '-out', cert], { stdio: 'pipe' });
  return [`cert=${cert}`, `pkey=${key}`];
}

function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}
