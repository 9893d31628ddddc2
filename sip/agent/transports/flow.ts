import type { Hop } from '../transactions/hop.ts';
import type { Endpoint, Protocol } from './endpoint.ts';

/**
 * One way to one other side (RFC 5626 section 1.2): a connection, or a UDP socket and an address. Who keeps a flow reaches the
 * other side through whatever stands between, as long as it is open.
 */
export interface Flow extends Hop {
  readonly id: string;
  readonly transport: Protocol;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly open: boolean;
  /** By which name a certificate of the other side was checked; undefined without TLS, or where it came to us. */
  readonly verifiedName?: string;
  /** `why`, for the counters; `closed` is nobody's fault. */
  close(why?: string): void;
}
