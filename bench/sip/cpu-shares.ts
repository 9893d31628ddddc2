// Whose code a process spent its time in, from a profile of V8: the agent's, or that of the application which shares the process.

import type { Profiler } from 'node:inspector';

export const ownerNames = ['agent', 'façade', 'ladder', 'drachtio-srf', 'garbage', 'Node.js'] as const;
export type Owner = (typeof ownerNames)[number];

/** In the compiled tree, and in that of the sources; the first that fits. Each package is there for drachtio-srf's sake. */
const owners: readonly (readonly [path: string, owner: Owner | 'bench'])[] = [
  ['/sip/agent/facade/', 'façade'],
  ['/sip/ladder/', 'ladder'],
  ['/bench/', 'bench'],
  ['/node_modules/drachtio-srf/', 'drachtio-srf'],
  ['/sip/', 'agent'],
  ['/core/', 'agent'],
  ['/node_modules/', 'drachtio-srf'],
];

/**
 * Parts of the busy time, 1 in all. What Node.js does is its caller's: a write to a socket belongs to whoever wrote. What nobody called
 * (polling, reading from sockets) is its own.
 */
export function cpuShares({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Record<Owner, number> {
  const ownerOf = readOwners(nodes);
  const spent = new Map<Owner, number>();
  let busy = 0;
  samples.forEach((id, at) => {
    const owner = ownerOf.get(id);
    if (owner === undefined || owner === 'bench') return;
    const took = timeDeltas[at] ?? 0;
    spent.set(owner, (spent.get(owner) ?? 0) + took);
    busy += took;
  });
  const share = (owner: Owner) => [owner, (spent.get(owner) ?? 0) / busy];
  return Object.fromEntries(ownerNames.map(share)) as Record<Owner, number>;
}

/** By the id of a node; those of an idle process are left out. */
function readOwners(nodes: readonly Profiler.ProfileNode[]): ReadonlyMap<number, Owner | 'bench'> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const owned = new Map<number, Owner | 'bench'>();
  const visit = (node: Profiler.ProfileNode, caller: Owner | 'bench') => {
    const owner = ownerOfFrame(node.callFrame) ?? caller;
    if (node.callFrame.functionName !== '(idle)') owned.set(node.id, owner);
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child !== undefined) visit(child, owner);
    }
  };
  const [root] = nodes;
  if (root !== undefined) visit(root, 'Node.js');
  return owned;
}

function ownerOfFrame({ url, functionName }: Profiler.ProfileNode['callFrame']): Owner | 'bench' | undefined {
  if (functionName === '(garbage collector)') return 'garbage';
  return owners.find(([path]) => url.includes(path))?.[1];
}
