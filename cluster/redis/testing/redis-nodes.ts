// Nodes of a test, each with a way of its own to Redis that the test can cut.

import { silentLogger } from '../../../core/log.ts';
import { startTcpRelay, type TcpRelay } from '../../../test/support/tcp-relay.ts';
import { type ContractNode, contractLease, nodeInfo } from '../../contract/cluster.contract.ts';
import type { NodeInfo } from '../../directory.ts';
import { BusProbe } from '../bus-probe.ts';
import { loadDirectoryScripts } from '../directory-scripts.ts';
import { openRedisLink } from '../open-redis-link.ts';
import { openSubscriber } from '../open-subscriber.ts';
import { RedisBus } from '../redis-bus.ts';
import { RedisDirectory } from '../redis-directory.ts';
import type { RedisLink } from '../redis-link.ts';
import { parseRedisUrl } from '../redis-target.ts';
import type { Subscriber } from '../subscriber.ts';

export interface RedisNode extends ContractNode {
  readonly directory: RedisDirectory;
  readonly link: RedisLink;
  readonly subscriber: Subscriber;
  readonly probe: BusProbe;
}

export interface RedisNodes extends AsyncDisposable {
  join(name: string, info?: () => Partial<NodeInfo>): Promise<RedisNode>;
  /** Joins, but does not beat. */
  connect(name: string): Promise<RedisNode>;
}

export function redisNodes(url: string, { prefix = 'test' }: { readonly prefix?: string } = {}): RedisNodes {
  const open: { node: RedisNode; relay: TcpRelay | undefined }[] = [];
  const connect = async (name: string): Promise<RedisNode> => {
    const isCluster = url.includes('cluster');
    // Servers of a cluster name each other: there is no relay in between.
    const relay = isCluster ? undefined : await startTcpRelay(url);
    const target = parseRedisUrl(relay ? relay.url.replace('http:', 'redis:') : url);
    const log = silentLogger;
    const link = openRedisLink(target, { log, connectionName: name, prepare: [loadDirectoryScripts] });
    const subscriber = openSubscriber(target, { log, connectionName: `${name}-sub` });
    const probe = new BusProbe({ link, subscriber, prefix, log });
    const directory = new RedisDirectory({ link, subscriber, prefix, name, log, split: isCluster, ...contractLease });
    const bus = new RedisBus({ link, subscriber, prefix, log });
    const kill = async () => {
      probe.close();
      await directory.close();
      await bus.close();
      subscriber.close();
      await link.close();
    };
    const node = {
      ...{ name, bus, directory, link, subscriber, probe, kill },
      cut: () => relay?.cut(),
      mend: () => relay?.mend(),
    };
    open.push({ node, relay });
    await Promise.all([link.whenUp(), subscriber.whenUp()]);
    return node;
  };
  return {
    connect,
    async join(name, info) {
      const node = await connect(name);
      await node.directory.nodes.start(() => nodeInfo(name, info?.()));
      return node;
    },
    async [Symbol.asyncDispose]() {
      for (const { node, relay } of open) {
        await node.kill();
        await relay?.[Symbol.asyncDispose]();
      }
    },
  };
}
