import type { Bus } from '../../cluster/bus.ts';
import type { Directory } from '../../cluster/directory.ts';
import type { RoomLog } from '../../cluster/room-log.ts';

/** What nodes share: the same for all of them, one handle for each. */
export interface ClusterEngines {
  readonly bus: Bus;
  readonly directory: Directory;
  readonly roomLog: RoomLog;
}
