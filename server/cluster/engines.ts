// What nodes share, and where it comes from.

import { createHash } from 'node:crypto';
import type { Bus } from '../../cluster/bus.ts';
import type { Directory } from '../../cluster/directory.ts';
import type { RoomLog } from '../../cluster/room-log.ts';

/** The same for all nodes; one handle for each. */
export interface ClusterEngines {
  readonly bus: Bus;
  readonly directory: Directory;
  readonly roomLog: RoomLog;
  /** From publishing to hearing it, the last time; undefined before the first. */
  readonly busDelayMs?: number | undefined;
  /** What is thrown away when they are full, as in `allkeys-lru`; undefined: nothing. */
  readonly evictionPolicy?: string | undefined;
  /** After each of them: what they stand on. */
  close?(): Promise<void>;
}

/** Eight hexadecimal digits that are the same on all nodes: frames of other clusters are told by it. */
export function clusterNameOf(prefix: string): string {
  return createHash('sha256').update(prefix).digest('hex').slice(0, 8);
}
