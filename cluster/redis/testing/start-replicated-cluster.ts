// A Redis Cluster of three masters, one of which has a replica that takes its place when it is gone.

import { eventually } from '../../../test/support/eventually.ts';
import { findFreePort } from '../../../test/support/free-port.ts';
import { type RedisServer, startRedis, startRedisCluster } from '../../../test/support/redis-server.ts';
import { slotOf } from '../tags.ts';

export interface ReplicatedCluster extends AsyncDisposable {
  /** `redis+cluster://host:port,…` of the masters. */
  readonly url: string;
  /** Which has the slot of the key that was asked for. */
  readonly master: RedisServer;
  readonly replica: RedisServer;
  /** Resolves when the replica has all that the master has answered until now. */
  copied(): Promise<void>;
}

const nodeTimeoutMs = 1_000;

/** `key`: of the slot whose master has the replica. Needs `redis`: ask requireOrSkip before. */
export async function startReplicatedCluster(key: string): Promise<ReplicatedCluster> {
  const cluster = await startRedisCluster(3, { options: ['repl-diskless-sync-delay 0'] });
  const { masters, url } = cluster;
  const master = masters[Math.floor((slotOf(key) * masters.length) / 16_384)];
  if (!master) throw new Error('no master has the slot');
  let replica: RedisServer | undefined;
  const dispose = async () => {
    await replica?.[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  };
  try {
    const options = ['cluster-enabled yes', `cluster-port ${await findFreePort()}`];
    const joining = await startRedis({ options });
    replica = joining;
    const all = [...masters, joining];
    for (const one of all) await one.send(`CONFIG SET cluster-node-timeout ${nodeTimeoutMs}`);
    const [, id = ''] = (await master.send('CLUSTER MYID')).split('\r\n');
    const busPort = new RegExp(`:${master.port}@(\\d+)`).exec(await master.send('CLUSTER NODES'))?.[1];
    await joining.send(`CLUSTER MEET 127.0.0.1 ${master.port} ${busPort}`);
    const replicates = async () => (await joining.send(`CLUSTER REPLICATE ${id}`)).startsWith('+OK');
    await eventually(replicates, 'the replica knows its master', 20_000, 50);
    const isSynced = async () => (await joining.send('INFO replication')).includes('master_link_status:up');
    await eventually(isSynced, 'the replica has its data', 20_000, 50);
    // Who does not know it as one does not vote for it.
    const knows = async (one: RedisServer) => (await one.send('CLUSTER NODES')).includes(`slave ${id}`);
    for (const one of all) await eventually(() => knows(one), 'all know the replica', 20_000, 50);
    const copied = async () => {
      const [offset] = /(?<=master_repl_offset:)\d+/.exec(await master.send('INFO replication')) ?? [];
      const has = async () => {
        const [own] = /(?<=slave_repl_offset:)\d+/.exec(await joining.send('INFO replication')) ?? [];
        return Number(own) >= Number(offset);
      };
      await eventually(has, 'the replica has it all');
    };
    return { url, master, replica: joining, copied, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
