// Whose code a process spent its time in, from a profile of V8: the agent's, or that of the application which shares the process.

import type { Profiler } from 'node:inspector';

export type Owner = 'agent' | 'façade' | 'ladder' | 'drachtio-srf' | 'garbage' | 'Node.js';

/** In the compiled tree, and in that of the sources; the first that fits. Each package is there for drachtio-srf's sake. */
const owners: readonly (readonly [path: string, owner: Owner])[] = [
  ['/sip/agent/facade/', 'façade'],
  ['/sip/ladder/', 'ladder'],
  ['/bench/sip/servers/', 'drachtio-srf'],
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
  const parents = new Map<number, Profiler.ProfileNode>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const node of nodes) for (const child of node.children ?? []) parents.set(child, node);
  const known = new Map<number, Owner | undefined>();
  const ownerOf = (node: Profiler.ProfileNode): Owner | undefined => {
    if (known.has(node.id)) return known.get(node.id);
    const owner = ownerOfFrame(node.callFrame) ?? ownerAbove(node);
    known.set(node.id, owner);
    return owner;
  };
  const ownerAbove = (node: Profiler.ProfileNode): Owner | undefined => {
    const parent = parents.get(node.id);
    return parent && ownerOf(parent);
  };
  const spent: Record<Owner, number> = { agent: 0, façade: 0, ladder: 0, 'drachtio-srf': 0, garbage: 0, 'Node.js': 0 };
  let busy = 0;
  samples.forEach((id, at) => {
    const node = byId.get(id);
    if (node === undefined || node.callFrame.functionName === '(idle)') return;
    const took = timeDeltas[at] ?? 0;
    spent[ownerOf(node) ?? 'Node.js'] += took;
    busy += took;
  });
  for (const owner of Object.keys(spent) as Owner[]) spent[owner] /= busy;
  return spent;
}

function ownerOfFrame({ url, functionName }: Profiler.ProfileNode['callFrame']): Owner | undefined {
  if (functionName === '(garbage collector)') return 'garbage';
  return owners.find(([path]) => url.includes(path))?.[1];
}
