import type { RoomLog } from '../../cluster/room-log.ts';
import type { CallRecords } from './call-records.ts';
import type { Calls } from './calls.ts';
import type { Transfers } from './transfers.ts';

/** What the handlers of calls are made of. */
export interface CallDesk {
  readonly calls: Calls;
  readonly transfers: Transfers;
  readonly records: CallRecords;
  readonly roomLog: RoomLog;
}
