// The way to Redis that calls take, whichever connection it is on now.

import type { Clock } from '../../core/clock.ts';
import type { Emitter } from '../../core/events.ts';
import type { Logger } from '../../core/log.ts';
import type { Argument, RedisConnection, Reply } from './redis-connection.ts';
import type { RedisAddress } from './redis-target.ts';

export interface RedisLinkEvents {
  /** `away`: calls fail as `away`. `up`: they can be made again, on another connection than before. */
  stateChanged: { readonly state: 'up' | 'away' };
  /**
   * Emitted when calls go to another process than before (restarted, or failed over), which may have forgotten something, or
   * everything.
   */
  replaced: Record<never, never>;
}

/** Carried out on each new connection before any call, such as SCRIPT LOAD. When it fails the connection is given up. */
export type PrepareConnection = (connection: RedisConnection) => Promise<unknown>;

/**
 * Calls are sent in the order in which they are made, and of the calls of one key those of a connection are carried out in that
 * order. Nothing is ever sent twice: what fails is told, and who made it knows whether it may be made again.
 */
export interface RedisLink {
  readonly state: 'up' | 'away';
  readonly events: Pick<Emitter<RedisLinkEvents>, 'on' | 'once'>;
  /** Whether what is published goes to the server that has the channel's slot alone. */
  readonly sharded: boolean;
  /**
   * Sends one command to the Redis that has `key`.
   * @throws {RedisError} (by rejecting) of any kind. Each call is answered within 2 s.
   */
  call(key: string, command: string, args: readonly Argument[], options?: CallOptions): Promise<Reply>;
  /** Each Redis that takes writes, for what is to be done at all of them. */
  readonly masters: readonly Pick<RedisLink, 'state' | 'call'>[];
  /** For each of them, a tag whose keys it has. */
  readonly tags: readonly string[];
  /** Resolves when calls can be made; at once when they can. Rejects as `closed`. */
  whenUp(): Promise<void>;
  /** Carries out what was called before; what comes later fails as `closed`. */
  close(): Promise<void>;
}

export interface CallOptions {
  /** The answer's texts as buffers. */
  readonly buffers?: boolean;
}

export interface LinkOptions {
  readonly clock?: Clock;
  readonly log: Logger;
  /** From a call to its answer, 1,750 by default. */
  readonly deadlineMs?: number;
  /** As CLIENT LIST shows it. */
  readonly connectionName?: string;
  /** Where a server of a cluster is reached that the others name, as through a NAT. */
  readonly via?: (address: RedisAddress) => RedisAddress;
  readonly prepare?: readonly PrepareConnection[];
  readonly sharded?: boolean;
}
