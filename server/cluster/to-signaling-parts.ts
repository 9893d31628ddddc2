import type { ClusterParts } from '../../signaling/cluster/cluster-context.ts';
import type { Config } from '../config/schema.ts';
import { chooseNodeUrl } from './choose-node.ts';
import type { Cluster } from './open-cluster.ts';

export function toSignalingParts({ engines, calls, name, secret }: Cluster, { shutdown }: Config): ClusterParts {
  const { bus, directory } = engines;
  const chooseUrl = () => chooseNodeUrl(directory.nodes);
  return { bus, directory, calls, name, secret, chooseUrl, moveStaggerMs: shutdown.moveStaggerMs };
}
