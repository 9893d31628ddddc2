// A real Redis for a test, alone or as a cluster of masters: on free ports of 127.0.0.1, with a folder of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { findFreePort } from './free-port.ts';
import type { Host } from './host-networks.ts';
import { requirePath } from './require.ts';

export interface RedisServerOptions {
  /** When the append-only file is brought to the disk; by default there is none. */
  readonly aof?: 'everysec' | 'always';
  /** As in `20mb`; what is more is refused. */
  readonly maxmemory?: string;
  /** Lines of redis.conf besides those that every test needs, as in `requirepass secret`. */
  readonly options?: readonly string[];
  /** The network that it runs in; this machine's by default. */
  readonly host?: Host;
}

/**
 * ```ts
 * await using redis = await startRedis();
 * const link = openRedisLink({ url: redis.url });
 * ```
 */
export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly pid: number;
  /** What it has written so far. */
  readonly log: string;
  /** Sends one command whose words have no spaces, and answers with what Redis said, as it said it. */
  send(command: string): Promise<string>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGSTOP: it accepts connections and answers nothing. */
  stop(): void;
  cont(): void;
  /** A copy of its files. @returns a folder, gone with the server. */
  copy(): Promise<string>;
  /** Kills it and starts it again on the same port: with its files, without any, or with those of a copy. */
  restart(how?: { readonly empty?: true; readonly from?: string }): Promise<void>;
}

/** Needs `redis`: ask requireOrSkip before. */
export async function startRedis(given: RedisServerOptions = {}): Promise<RedisServer> {
  const { aof, maxmemory, options = [], host } = given;
  const address = host?.address ?? '127.0.0.1';
  const port = await findFreePort();
  const root = await mkdtemp(join(tmpdir(), 'parley-redis-'));
  const folder = join(root, 'data');
  await mkdir(folder);
  const lines = [
    `port ${port}`,
    `bind ${address}`,
    // Who is in the network of a host may use it.
    ...(host ? ['protected-mode no'] : []),
    `dir ${folder}`,
    'save ""',
    aof ? `appendonly yes\nappendfsync ${aof}` : 'appendonly no',
    // What a command of the tests reconfigures.
    'enable-debug-command yes',
    'enable-protected-configs yes',
    ...(maxmemory ? [`maxmemory ${maxmemory}`, 'maxmemory-policy noeviction'] : []),
    ...options,
  ];
  let log = '';
  let child: ChildProcess;
  let copies = 0;

  const start = async () => {
    log = '';
    const [command = '', ...args] = [...(host?.prefix ?? []), requirePath('redis'), '-'];
    child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin?.end(lines.join('\n'));
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (log += chunk));
    process.once('exit', end);
    await eventually(() => log.includes('Ready to accept connections') || child.exitCode !== null, 'Redis');
    if (child.exitCode !== null) throw new Error(`redis-server did not start:\n${log}`);
  };
  /** A test process that is ended must not leave it behind. */
  const end = () => child.kill('SIGKILL');
  const kill = async () => {
    process.off('exit', end);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  const dispose = async () => {
    await kill();
    await rm(root, { recursive: true, force: true });
  };

  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    port,
    url: `redis://${address}:${port}`,
    get pid() {
      return child.pid ?? 0;
    },
    get log() {
      return log;
    },
    send: (command) => sendInline(port, address, command),
    kill,
    stop: () => child.kill('SIGSTOP'),
    cont: () => child.kill('SIGCONT'),
    async copy() {
      const target = join(root, `copy-${copies++}`);
      await cp(folder, target, { recursive: true });
      return target;
    },
    async restart({ empty, from } = {}) {
      await kill();
      if (empty || from) await rm(folder, { recursive: true, force: true });
      if (from) await cp(from, folder, { recursive: true });
      await mkdir(folder, { recursive: true });
      await start();
    },
    [Symbol.asyncDispose]: dispose,
  };
}

export interface RedisCluster extends AsyncDisposable {
  readonly masters: readonly RedisServer[];
  /** `redis+cluster://host:port,…` of all. */
  readonly url: string;
}

/** Others may take what was free before Redis listens: then it has another port. */
async function startMaster(
  options: RedisServerOptions,
  triesLeft = 5,
): Promise<{ master: RedisServer; busPort: number }> {
  const busPort = await findFreePort();
  try {
    const lines = [...(options.options ?? []), `cluster-port ${busPort}`];
    return { master: await startRedis({ ...options, options: lines }), busPort };
  } catch (error) {
    if (triesLeft <= 1 || !String(error).includes('Address already in use')) throw error;
    return startMaster(options, triesLeft - 1);
  }
}

/** Masters without replicas, with the slots spread evenly over them. */
export async function startRedisCluster(count = 3, options: RedisServerOptions = {}): Promise<RedisCluster> {
  const lines = [...(options.options ?? []), 'cluster-enabled yes', 'cluster-node-timeout 2000'];
  const started = await Promise.all(Array.from({ length: count }, () => startMaster({ ...options, options: lines })));
  const masters = started.map(({ master }) => master);
  const dispose = async () => {
    await Promise.all(masters.map((it) => it[Symbol.asyncDispose]()));
  };
  try {
    const slots = 16_384;
    const [first] = started;
    for (const [at, master] of masters.entries()) {
      const from = Math.floor((slots * at) / count);
      const to = Math.floor((slots * (at + 1)) / count) - 1;
      await sendOk(master, `CLUSTER ADDSLOTSRANGE ${from} ${to}`);
      if (!first || master === first.master) continue;
      await sendOk(master, `CLUSTER MEET 127.0.0.1 ${first.master.port} ${first.busPort}`);
    }
    const isWhole = async (master: RedisServer) => {
      const info = await master.send('CLUSTER INFO');
      return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${count}`);
    };
    for (const master of masters) await eventually(() => isWhole(master), 'the cluster of Redis', 30_000);
  } catch (error) {
    await dispose();
    throw error;
  }
  const url = `redis+cluster://${masters.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  return { masters, url, [Symbol.asyncDispose]: dispose };
}

async function sendOk(server: RedisServer, command: string): Promise<void> {
  const answer = await server.send(command);
  if (!answer.startsWith('+OK')) throw new Error(`${command}: ${answer}`);
}

/** The inline form of the protocol: a line there, and whatever comes until QUIT is answered. */
async function sendInline(port: number, address: string, command: string): Promise<string> {
  const socket = connect(port, address);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(`${command}\r\nQUIT\r\n`);
  await once(socket, 'close');
  return Buffer.concat(chunks)
    .toString()
    .replace(/\+OK\r\n$/, '');
}
