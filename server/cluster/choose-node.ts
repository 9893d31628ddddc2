import type { Life, NodeInfo, NodeLeases } from '../../cluster/directory.ts';

export type KnownNode = readonly [life: Life, info: NodeInfo];

export const takesClients = ({ ready, draining }: NodeInfo): boolean => ready && !draining;

/** Other nodes that take clients, as of their last beats. */
export function readyNodes({ others }: Pick<NodeLeases, 'others'>): KnownNode[] {
  return [...others].filter(([, info]) => takesClients(info));
}

/** The less loaded one of two that are taken by chance: what is known of them is some seconds old. */
export function chooseNode(
  nodes: readonly KnownNode[],
  weightOf: (node: KnownNode) => number,
  random: () => number = Math.random,
): KnownNode | undefined {
  const at = Math.floor(random() * nodes.length);
  const one = nodes[at];
  // Another one, where there is one.
  const other = nodes[(at + 1 + Math.floor(random() * (nodes.length - 1))) % nodes.length];
  if (one === undefined || other === undefined) return one;
  return weightOf(other) < weightOf(one) ? other : one;
}
