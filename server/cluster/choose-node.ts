import type { NodeInfo, NodeLeases } from '../../cluster/directory.ts';

/** Other nodes that take clients, as of their last beats. */
export function readyNodes({ others }: Pick<NodeLeases, 'others'>): NodeInfo[] {
  return [...others.values()].filter(({ ready, draining }) => ready && !draining);
}

/** The less used one of two that are taken by chance: what is known of them is some seconds old. */
export function chooseNode(nodes: readonly NodeInfo[], random: () => number = Math.random): NodeInfo | undefined {
  const one = nodes[Math.floor(random() * nodes.length)];
  const other = nodes[Math.floor(random() * nodes.length)];
  if (one === undefined || other === undefined) return one;
  return other.peers < one.peers ? other : one;
}

/** Where a client had better go from here; empty: nodes have no addresses of their own. */
export function chooseNodeUrl(nodes: Pick<NodeLeases, 'others'>): string {
  const reachable = readyNodes(nodes).filter(({ publicUrl }) => publicUrl !== '');
  return chooseNode(reachable)?.publicUrl ?? '';
}
