import type { Clock } from '../../core/clock.ts';
import type { ErrorReason } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { Admission } from './admission.ts';
import type { FlushQueue } from './flush-queue.ts';
import type { GatewayOptions } from './gateway-options.ts';
import type { GatewayCounters } from './gateway-stats.ts';

/** A connection as the whole gateway sees it. */
export interface OpenConnection {
  readonly unsentBytes: number;
  close(reason: ErrorReason): void;
}

/** What all connections of a gateway share. */
export interface GatewayContext {
  readonly options: GatewayOptions;
  readonly counters: GatewayCounters;
  /** Those that are open. */
  readonly connections: Set<OpenConnection>;
  readonly admission: Admission;
  readonly flushQueue: FlushQueue;
  readonly clock: Clock;
  readonly log: Logger;
}
