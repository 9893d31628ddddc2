// What this node says of itself to the others.

import { availableParallelism, hostname } from 'node:os';
import type { NodeInfo } from '../../cluster/directory.ts';
import { listenAddresses } from '../../media/announced-address.ts';
import type { Config } from '../config/schema.ts';
import { version } from '../package-root.ts';

/** What changes while it runs. */
export type NodeNow = Pick<NodeInfo, 'ready' | 'draining' | 'rooms' | 'peers' | 'load' | 'promised'>;

/** As it is called in logs, metrics and lives. */
export function nodeNameOf({ node }: Pick<Config, 'node'>): string {
  return node.name === '' ? hostname() : node.name;
}

/** `rpcPort`: where calls of others are taken. */
export function createNodeInfo({ node }: Pick<Config, 'node'>, rpcPort: number, now: () => NodeNow): () => NodeInfo {
  const rpcHost = reachableAddress(node.rpcHost, node.rpcAnnounced);
  const fixed = {
    name: nodeNameOf({ node }),
    region: node.region,
    publicUrl: node.publicUrl,
    rpcAddress: rpcHost.includes(':') ? `[${rpcHost}]:${rpcPort}` : `${rpcHost}:${rpcPort}`,
    pipeAddress: reachableAddress(node.pipeListenIp, node.pipeAnnounced),
    version,
    cores: availableParallelism(),
  };
  return () => ({ ...fixed, ...now() });
}

/** What others are told of what is listened on: as configured, or an address of this machine that leads out of it. */
function reachableAddress(listenIp: string, announcedAddress: string): string {
  const [first] = listenAddresses({ listenIp, announcedAddress });
  return first?.announced ?? listenIp;
}
