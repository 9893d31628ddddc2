import type { Clock } from '../../../core/clock.ts';
import type { SessionTimerOptions } from '../dialogs/session-timer.ts';
import type { DnsRecords } from '../location/dns-records.ts';
import type { Timing } from '../transactions/timing.ts';
import type { Listen, TransportLimits } from '../transports/listen.ts';
import type { Transport, TransportUser } from '../transports/transport.ts';
import type { MessageTap } from '../transports/transports.ts';
import type { Guard } from './guard.ts';
import type { UserAgentUser } from './user-agent-user.ts';

export interface UserAgentOptions {
  readonly clock: Clock;
  readonly user: UserAgentUser;
  readonly guard: Guard;
  readonly listen: readonly Listen[];
  /** In place of `listen`: a network in memory. */
  readonly transports?: (user: TransportUser) => readonly Transport[];
  readonly limits?: TransportLimits;
  readonly timing?: Timing;
  readonly dns?: DnsRecords;
  readonly sessionTimer?: SessionTimerOptions;
  readonly product?: string;
  /** The longest time between two keep-alives of a stream that this side opened; 0 sends none. */
  readonly keepAliveSeconds?: number;
  /** Hears every message, as it came and as it left, those that are sent again too. */
  readonly tap?: MessageTap;
}
