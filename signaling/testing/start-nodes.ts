// Several signalings that are nodes of one cluster in memory, with one clock and one turn for all of them.

import type { Directory, NodeInfo, NodeLeases } from '../../cluster/directory.ts';
import { MemoryCluster } from '../../cluster/memory/memory-cluster.ts';
import { nodeInfo } from '../../cluster/testing/node-info.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import type { Placement } from '../cluster/placement.ts';
import { ManualTurns } from './manual-turns.ts';
import { startSignaling, type TestSignaling } from './start-signaling.ts';

type Wished = NonNullable<Parameters<typeof startSignaling>[0]>;

export interface TestNodes {
  readonly cluster: MemoryCluster;
  readonly clock: FakeClock;
  readonly nodes: readonly TestSignaling[];
  /** Of each node. */
  readonly directories: readonly Directory[];
  /** Everything that is on its way between the nodes has arrived and is told. */
  settle(): Promise<void>;
  /** Time passes, in steps that let nodes beat and answer. */
  advance(ms: number): Promise<void>;
}

/** Turns that a question of one node to another and its answer take, and those that follow from it. */
const turnsToSettle = 6;

/** Everybody is served where they are. */
const anywhere = (nodes: NodeLeases): Placement => ({
  policyOf: () => ({ placement: 'spread', region: '' }),
  elsewhere: () => undefined,
  urlOf: () => undefined,
  get canLeave() {
    return nodes.others.size > 0;
  },
  leave: () => '',
});

interface Placed {
  /** What a node says of itself. */
  readonly infoOf: (name: string) => Partial<NodeInfo>;
  readonly placementOf: (own: () => NodeInfo, nodes: NodeLeases, clock: FakeClock) => Placement;
}

const unplaced: Placed = { infoOf: () => ({}), placementOf: (_own, nodes) => anywhere(nodes) };

export async function startNodes(
  names: readonly string[],
  wished: Wished = {},
  { infoOf, placementOf }: Placed = unplaced,
): Promise<TestNodes> {
  const clock = new FakeClock();
  const turns = new ManualTurns();
  const cluster = new MemoryCluster({ clock });
  const nodes: TestSignaling[] = [];
  const directories: Directory[] = [];
  for (const name of names) {
    const { bus, directory, roomLog, calls } = cluster.join(name);
    directories.push(directory);
    const own = () => nodeInfo(name, { publicUrl: '', ...infoOf(name) });
    await directory.nodes.start(own);
    const placement = placementOf(own, directory.nodes, clock);
    const known = { name: 'c1a57e40', secret: 'for tests, and long enough to be one' };
    const parts = { bus, directory, calls, ...known, placement, publicUrl: own().publicUrl, moveStaggerMs: 50 };
    nodes.push(startSignaling({ roomLog, among: { cluster: parts, clock, turns }, ...wished }));
  }
  const settle = async () => {
    for (let turn = 0; turn < turnsToSettle; turn++) await turns.end();
  };
  const advance = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1_000) {
      clock.advance(Math.min(left, 1_000));
      await settle();
    }
  };
  // So long that whoever dies can be buried by the others.
  await advance(cluster.leaseMs + cluster.beatMs);
  return { cluster, clock, nodes, directories, settle, advance };
}
