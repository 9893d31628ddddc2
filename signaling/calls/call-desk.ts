import type { RoomLog } from '../../cluster/room-log.ts';
import type { CallInfo } from '../../proto/gen/types.ts';
import type { CallMethod, CallMethods, RequestOf } from './call-methods.ts';
import type { CallRecords } from './call-records.ts';
import type { CallRegistry, LegOfCall } from './call-registry.ts';
import type { Caller } from './caller.ts';
import type { Calls } from './calls.ts';

/** Where calls are that are not of this node; undefined: there are no other nodes. */
export interface CallsElsewhere {
  /** Has the node of the call carry it out. Undefined: no other node is known to have it. @throws {AppError} by rejection. */
  carryOut<Name extends CallMethod>(
    method: Name,
    request: RequestOf<Name>,
    caller: Caller,
  ): Promise<{ readonly call: CallInfo | undefined } | undefined>;
  /** An attended transfer to a leg here of a call that is elsewhere. False: no other node is known to have it. @throws {AppError} by rejection. */
  takeOver(one: LegOfCall, callId: string, identity: string): Promise<boolean>;
  /** Those that somebody is in, or that ring for it, on other nodes. */
  current(identity: string): Promise<readonly CallInfo[]>;
}

/** What the handlers of calls are made of. */
export interface CallDesk {
  readonly registry: CallRegistry;
  readonly calls: Calls;
  readonly methods: CallMethods;
  readonly records: Pick<CallRecords, 'listed'>;
  readonly elsewhere: CallsElsewhere | undefined;
  readonly roomLog: RoomLog;
}
