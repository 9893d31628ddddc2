import type { ClusterParts } from '../../signaling/cluster/cluster-context.ts';
import type { Config } from '../config/schema.ts';
import type { Cluster } from './open-cluster.ts';

export function toSignalingParts(
  { engines, calls, placement, name, secret }: Cluster,
  { shutdown, node }: Config,
): ClusterParts {
  const { bus, directory } = engines;
  const own = { publicUrl: node.publicUrl, moveStaggerMs: shutdown.moveStaggerMs };
  return { bus, directory, calls, placement, name, secret, ...own };
}
