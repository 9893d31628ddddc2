// A master, a replica of it, and a sentinel that makes the one the other.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../../test/support/eventually.ts';
import { findFreePort } from '../../../test/support/free-port.ts';
import { type RedisServer, startRedis } from '../../../test/support/redis-server.ts';
import { requirePath } from '../../../test/support/require.ts';

export interface SentinelGroup extends AsyncDisposable {
  readonly master: RedisServer;
  readonly replica: RedisServer;
  /** `redis+sentinel://host:port/name` */
  readonly url: string;
}

/** Needs `redis`: ask requireOrSkip before. */
export async function startSentinelGroup(): Promise<SentinelGroup> {
  // Otherwise it waits for five seconds whether more replicas come.
  const options = ['repl-diskless-sync-delay 0'];
  const master = await startRedis({ options });
  const replica = await startRedis({ options: [`replicaof 127.0.0.1 ${master.port}`, ...options] });
  // A sentinel asks who the replicas are when it starts, and then every ten seconds.
  const isSynced = async () => (await replica.send('INFO replication')).includes('master_link_status:up');
  await eventually(isSynced, 'the replica');
  const port = await findFreePort();
  const folder = await mkdtemp(join(tmpdir(), 'parley-sentinel-'));
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor main 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds main 500',
    'sentinel failover-timeout main 3000',
  ];
  await writeFile(file, lines.join('\n'));
  const child = spawn(requirePath('redis'), [file, '--sentinel'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (log += chunk));
  const kill = () => child.kill('SIGKILL');
  // A test process that is ended must not leave it behind.
  process.once('exit', kill);
  const dispose = async () => {
    process.off('exit', kill);
    const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    kill();
    await exited;
    await rm(folder, { recursive: true, force: true });
    for (const server of [replica, master]) await server[Symbol.asyncDispose]();
  };
  try {
    await eventually(() => log.includes('+slave '), 'the sentinel', 20_000);
  } catch (error) {
    await dispose();
    throw new Error(`the sentinel did not start:\n${log}`, { cause: error });
  }
  return { master, replica, url: `redis+sentinel://127.0.0.1:${port}/main`, [Symbol.asyncDispose]: dispose };
}
