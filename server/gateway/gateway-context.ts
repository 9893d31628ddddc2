import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { ClientLink } from '../../signaling/client-link.ts';
import type { FlushQueue } from './flush-queue.ts';
import type { GatewayOptions } from './gateway-options.ts';
import type { GatewayCounters } from './gateway-stats.ts';

/** What all connections of a gateway share. */
export interface GatewayContext {
  readonly options: GatewayOptions;
  readonly counters: GatewayCounters;
  /** Those that are open. */
  readonly connections: Set<ClientLink>;
  readonly flushQueue: FlushQueue;
  readonly clock: Clock;
  readonly log: Logger;
}
