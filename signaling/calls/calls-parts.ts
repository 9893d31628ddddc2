import type { Life } from '../../cluster/directory.ts';
import type { Clock } from '../../core/clock.ts';
import type { RoomId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import type { Defer } from '../defer.ts';
import type { BrowserPresence } from './browser-presence.ts';
import type { CallOptions } from './call-limits.ts';
import type { TellCall } from './call-news.ts';
import type { CallRecords } from './call-records.ts';
import type { CallRegistry } from './call-registry.ts';
import type { Caller } from './caller.ts';
import type { Telephony } from './telephony.ts';

/** What calls of a node are made of. */
export interface CallsParts {
  readonly registry: CallRegistry;
  readonly telephony: Telephony;
  readonly records: CallRecords;
  readonly tell: TellCall;
  readonly browsersOf: (identity: string) => Promise<BrowserPresence>;
  /** So long it may be until whoever comes to another node is known here. */
  readonly knownWithinMs: number;
  /** As far as it is known here; empty otherwise. */
  readonly nameOf: (identity: string) => string;
  /** As other nodes know it; empty where none does. Never rejects. */
  readonly nameElsewhere: (identity: string) => Promise<string>;
  /** A room of others. @throws {AppError} by rejection: GRANT_MISSING, IDENTITY_REMOVED, NOT_A_PARTICIPANT and its like. */
  readonly requireMayEnter: (room: RoomId, caller: Caller) => Promise<void>;
  readonly roomSize: (room: RoomId) => number | undefined;
  /** No phone can be in the room, for it has no keys. */
  readonly isEncrypted: (room: RoomId) => boolean;
  /** `life`: the node that has it; undefined: this one. */
  readonly takeOut: (room: RoomId, peerId: string, life: Life | undefined) => void;
  /** @throws {AppError} SERVER_DRAINING */
  readonly requireOpen: () => void;
  readonly options: CallOptions;
  readonly clock: Clock;
  readonly defer: Defer;
  readonly log: Logger;
}
