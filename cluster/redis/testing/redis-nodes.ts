// Nodes of a test, each with a way of its own to Redis that the test can cut.

import { silentLogger } from '../../../core/log.ts';
import { startTcpRelay, type TcpRelay } from '../../../test/support/tcp-relay.ts';
import { type ContractNode, contractLease } from '../../contract/cluster.contract.ts';
import type { NodeInfo } from '../../directory.ts';
import { nodeInfo } from '../../testing/node-info.ts';
import { BusProbe } from '../bus-probe.ts';
import { loadDirectoryScripts } from '../directory-scripts.ts';
import { openChannels, openRedisLink } from '../open-redis-link.ts';
import { RedisBus } from '../redis-bus.ts';
import { RedisDirectory } from '../redis-directory.ts';
import type { RedisLink } from '../redis-link.ts';
import { parseRedisUrl, type RedisAddress } from '../redis-target.ts';
import type { Channels } from '../subscriber.ts';

export interface RedisNode extends ContractNode {
  readonly directory: RedisDirectory;
  readonly link: RedisLink;
  readonly subscriber: Channels;
  readonly probe: BusProbe;
}

export interface RedisNodes extends AsyncDisposable {
  join(name: string, info?: () => Partial<NodeInfo>): Promise<RedisNode>;
  /** Joins, but does not beat. */
  connect(name: string): Promise<RedisNode>;
}

export function redisNodes(
  url: string,
  { prefix = 'test', sharded = false }: { readonly prefix?: string; readonly sharded?: boolean } = {},
): RedisNodes {
  const open: { node: RedisNode; relays: readonly TcpRelay[] }[] = [];
  const target = parseRedisUrl(url);
  const servers = target.kind === 'cluster' ? target.seeds : target.kind === 'single' ? [target.address] : [];
  const connect = async (name: string): Promise<RedisNode> => {
    const relays = await Promise.all(servers.map(({ port }) => startTcpRelay(`http://127.0.0.1:${port}`)));
    const via = ({ host, port }: RedisAddress) => {
      const relay = relays[servers.findIndex((server) => server.port === port)];
      return { host, port: relay ? Number(new URL(relay.url).port) : port };
    };
    const split = target.kind === 'cluster';
    const log = silentLogger;
    const link = openRedisLink(target, { log, via, sharded, connectionName: name, prepare: [loadDirectoryScripts] });
    const subscriber = openChannels(target, { link, log, via, connectionName: `${name}-sub` });
    const probe = new BusProbe({ link, subscriber, prefix, log });
    const directory = new RedisDirectory({ link, subscriber, prefix, name, log, split, ...contractLease });
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
      cut: () => relays.forEach((relay) => void relay.cut()),
      mend: () => relays.forEach((relay) => void relay.mend()),
    };
    open.push({ node, relays });
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
      for (const { node, relays } of open) {
        await node.kill();
        for (const relay of relays) await relay[Symbol.asyncDispose]();
      }
    },
  };
}
