import { limitGroup } from '../../../core/ip-address.ts';
import { TokenBucket } from '../../../core/token-bucket.ts';
import { type DefenceOptions, floodFactor } from './defence-options.ts';

/** What is known of one source. */
export interface Source {
  readonly requests: TokenBucket;
  /** Of messages before they are read. */
  readonly messages: TokenBucket;
  /** Since {@link since}. */
  offences: number;
  since: number;
  /** On the clock that never goes back; 0 when it is not banned. */
  bannedUntil: number;
}

/**
 * Sources by address; a customer's /64 of IPv6 is one. Bounded: the one that was quiet for longest is forgotten first, and those
 * that are banned after all others, so that nobody gets free by coming from many addresses.
 */
export class Sources {
  readonly #options: Pick<DefenceOptions, 'rate' | 'sources'>;
  readonly #known = new Map<string, Source>();
  readonly #banned = new Map<string, Source>();

  constructor(options: Pick<DefenceOptions, 'rate' | 'sources'>) {
    this.#options = options;
  }

  get size(): number {
    return this.#known.size + this.#banned.size;
  }

  /** Undefined for who was not heard of. */
  find(address: string): Source | undefined {
    const group = limitGroup(address);
    return this.#banned.get(group) ?? this.#known.get(group);
  }

  of(address: string, nowMs: number): Source {
    const group = limitGroup(address);
    const banned = this.#banned.get(group);
    if (banned !== undefined) return banned;
    const known = this.#known.get(group);
    const source = known ?? this.#make(nowMs);
    // At the end of the order.
    if (known !== undefined) this.#known.delete(group);
    this.#known.set(group, source);
    if (this.size > this.#options.sources) this.#forgetOne();
    return source;
  }

  ban(address: string, untilMs: number, nowMs: number): void {
    const group = limitGroup(address);
    const source = this.of(address, nowMs);
    source.bannedUntil = untilMs;
    this.#known.delete(group);
    this.#banned.delete(group);
    this.#banned.set(group, source);
  }

  /** Frees whose time is over; all bans are of one length, so that the first is the one that ends first. */
  expire(nowMs: number): void {
    for (const [group, source] of this.#banned) {
      if (source.bannedUntil > nowMs) return;
      this.#banned.delete(group);
      source.bannedUntil = 0;
      source.offences = 0;
      this.#known.set(group, source);
    }
  }

  get bannedNow(): number {
    return this.#banned.size;
  }

  #make(nowMs: number): Source {
    const { perSecond, burst } = this.#options.rate;
    const flood = { perSecond: perSecond * floodFactor, burst: burst * floodFactor };
    return {
      requests: new TokenBucket({ perSecond, burst }, nowMs),
      messages: new TokenBucket(flood, nowMs),
      offences: 0,
      since: nowMs,
      bannedUntil: 0,
    };
  }

  #forgetOne(): void {
    const from = this.#known.size > 1 ? this.#known : this.#banned;
    const [first] = from.keys();
    if (first !== undefined) from.delete(first);
  }
}
