import type { TransactionStats } from '../transactions/transaction-layer.ts';
import type { Protocol } from '../transports/endpoint.ts';

export interface UserAgentStats {
  readonly calls: number;
  readonly dialogs: number;
  readonly transactions: TransactionStats;
  readonly flows: Partial<Record<Protocol, number>>;
  /** By `in INVITE`, `out 200`, … since the start. */
  readonly messages: ReadonlyMap<string, number>;
  /** Bytes that were no message, and requests that were refused for their form, by status. */
  readonly faults: ReadonlyMap<string, number>;
  /** What transports threw away, by why. */
  readonly dropped: ReadonlyMap<string, number>;
  readonly deadTargets: number;
  /** Contacts that were registered from here on, which their flows lead to. */
  readonly contactFlows: number;
  /** That this side opened, and pings. */
  readonly keptFlows: number;
}
