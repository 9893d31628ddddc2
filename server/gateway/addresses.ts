// What is remembered of each client address: how many connections it has, and its rates.

import type { Clock, Timer } from '../../core/clock.ts';
import { limitGroup } from '../../core/ip-address.ts';
import { TokenBucket } from '../../core/token-bucket.ts';
import type { GatewayOptions } from './gateway-options.ts';

export interface AddressState {
  /** The address, or the group of addresses that counts as one. */
  readonly key: string;
  connections: number;
  /** New connections and HTTP requests. */
  readonly arrivals: TokenBucket;
  readonly messages: TokenBucket;
}

/** Addresses without a connection that are remembered; beyond that those seen longest ago are forgotten. */
const maxIdleAddresses = 50_000;
const minRestMs = 60_000;

type Rates = Pick<GatewayOptions, 'connectionRate' | 'messageRatePerIp'>;

/**
 * Bounded: addresses with connections by the connection limit, others by a number of their own and by time. Those are in
 * two generations, so that forgetting the oldest is dropping a map: to walk one would cost more the more there are.
 */
export class Addresses {
  readonly #connected = new Map<string, AddressState>();
  #recent = new Map<string, AddressState>();
  #older = new Map<string, AddressState>();
  readonly #rates: Rates;
  readonly #clock: Clock;
  readonly #maxRecent: number;
  /** After so long every bucket is full, and forgetting it changes nothing. */
  readonly #restMs: number;
  #aging: Timer | undefined;

  constructor(rates: Rates, clock: Clock, maxIdle = maxIdleAddresses) {
    this.#rates = rates;
    this.#clock = clock;
    this.#maxRecent = Math.ceil(maxIdle / 2);
    const { connectionRate, messageRatePerIp } = rates;
    this.#restMs = Math.max(minRestMs, refillMs(connectionRate), refillMs(messageRatePerIp));
  }

  /** The state of an address, new when it was not seen for long. */
  seen(address: string): AddressState {
    const key = limitGroup(address);
    const connected = this.#connected.get(key);
    if (connected) return connected;
    const state = this.#recent.get(key) ?? this.#older.get(key) ?? this.#create(key);
    this.#remember(key, state);
    return state;
  }

  connected(address: string): AddressState {
    const state = this.seen(address);
    const key = limitGroup(address);
    this.#recent.delete(key);
    this.#connected.set(key, state);
    state.connections++;
    return state;
  }

  disconnected(state: AddressState): void {
    state.connections--;
    if (state.connections > 0) return;
    this.#connected.delete(state.key);
    this.#remember(state.key, state);
  }

  get size(): number {
    return this.#connected.size + this.#recent.size + this.#older.size;
  }

  close(): void {
    this.#aging?.cancel();
    this.#aging = undefined;
  }

  #create(key: string): AddressState {
    const nowMs = this.#clock.monotonicMs();
    return {
      key,
      connections: 0,
      arrivals: new TokenBucket(this.#rates.connectionRate, nowMs),
      messages: new TokenBucket(this.#rates.messageRatePerIp, nowMs),
    };
  }

  #remember(key: string, state: AddressState): void {
    this.#older.delete(key);
    if (!this.#recent.has(key) && this.#recent.size >= this.#maxRecent) this.#age();
    this.#recent.set(key, state);
    this.#aging ??= this.#clock.after(this.#restMs, () => this.#ageByTime());
  }

  #age(): void {
    this.#older = this.#recent;
    this.#recent = new Map();
  }

  #ageByTime(): void {
    this.#age();
    this.#aging = this.#older.size === 0 ? undefined : this.#clock.after(this.#restMs, () => this.#ageByTime());
  }
}

function refillMs({ perSecond, burst }: { perSecond: number; burst: number }): number {
  return (1000 * burst) / perSecond;
}
