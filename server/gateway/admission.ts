// Who may come in: how many connections there may be, and how fast one address may ask for more.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { Addresses, type AddressState } from './addresses.ts';
import type { GatewayOptions } from './gateway-options.ts';

/** How long a client that found the house full had better wait. */
const fullRetryAfterMs = 5_000;

export class Admission {
  readonly #options: GatewayOptions;
  readonly #clock: Clock;
  readonly #addresses: Addresses;
  #connections = 0;
  #draining = false;

  constructor(options: GatewayOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#addresses = new Addresses(options, clock);
  }

  /** Counts a request, be it for an answer or for a WebSocket. @throws {AppError} RATE_LIMITED */
  admitRequest(address: string): void {
    const waitMs = this.#addresses.seen(address).arrivals.take(this.#clock.monotonicMs());
    if (waitMs > 0) throw new AppError('RATE_LIMITED', { what: 'requests' }, { retryAfterMs: waitMs });
  }

  /**
   * Takes a place at the address, for a request that was counted. To be given back by {@link leave}, once.
   * @throws {AppError} TOO_MANY_CONNECTIONS or SERVER_DRAINING
   */
  admitConnection(address: string): AddressState {
    if (this.#draining) throw new AppError('SERVER_DRAINING', {}, { retryAfterMs: fullRetryAfterMs });
    const { maxConnections, maxConnectionsPerIp } = this.#options;
    if (this.#connections >= maxConnections) throw tooManyConnections('server');
    if (this.#addresses.seen(address).connections >= maxConnectionsPerIp) throw tooManyConnections('address');
    this.#connections++;
    return this.#addresses.connected(address);
  }

  leave(address: AddressState): void {
    this.#connections--;
    this.#addresses.disconnected(address);
  }

  /** From now on no connection is let in. */
  drain(): void {
    this.#draining = true;
  }

  close(): void {
    this.#addresses.close();
  }
}

/** Whose limit was reached: the client's address may have, or the server is full. */
function tooManyConnections(scope: 'address' | 'server'): AppError {
  return new AppError('TOO_MANY_CONNECTIONS', { scope }, { retryAfterMs: fullRetryAfterMs });
}
