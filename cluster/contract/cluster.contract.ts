// Several nodes over one store, as the suites of the bus and of the directory need them.

import type { Bus } from '../bus.ts';
import type { Directory, NodeInfo } from '../directory.ts';

export interface ContractNode {
  readonly name: string;
  readonly bus: Bus;
  readonly directory: Directory;
  /** It reaches nothing and hears nothing; it lives on. */
  cut(): void;
  mend(): void;
  /** It stops, without a word. */
  kill(): Promise<void>;
}

export interface ContractCluster extends AsyncDisposable {
  /** A node that beats. */
  join(name: string, info?: () => Partial<NodeInfo>): Promise<ContractNode>;
  /** The store loses everything. */
  empty(): Promise<void>;
}

/** Leases run in real time: short enough to wait for, and long for a node that has to connect again. */
export const contractLease = { leaseMs: 1_500, beatMs: 100 } as const;
