import type { Clock } from '../../../core/clock.ts';
import type { Address, DnsRecords, Naptr, Srv } from './dns-records.ts';

/** Node tells the TTL of addresses only; NAPTR and SRV records are asked for again after this long. */
const serviceMs = 60_000;
const shortestMs = 1_000;
const longestMs = 3_600_000;
/** For what is not there: RFC 2308 takes it from the zone, which Node does not tell. */
const absentMs = 30_000;
const mostNames = 10_000;

interface Entry {
  readonly records: Promise<readonly unknown[]>;
  untilMs: number;
}

/** Keeps answers for as long as they hold, failures not at all. Of more names than {@link mostNames} the oldest goes. */
export class DnsCache implements DnsRecords {
  readonly #dns: DnsRecords;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(dns: DnsRecords, clock: Clock) {
    this.#dns = dns;
    this.#clock = clock;
  }

  naptr(name: string): Promise<Naptr[]> {
    return this.#ask(
      `naptr ${name}`,
      () => this.#dns.naptr(name),
      () => serviceMs,
    );
  }

  srv(name: string): Promise<Srv[]> {
    return this.#ask(
      `srv ${name}`,
      () => this.#dns.srv(name),
      () => serviceMs,
    );
  }

  a(name: string): Promise<Address[]> {
    return this.#ask(`a ${name}`, () => this.#dns.a(name), shortestTtl);
  }

  aaaa(name: string): Promise<Address[]> {
    return this.#ask(`aaaa ${name}`, () => this.#dns.aaaa(name), shortestTtl);
  }

  async #ask<Item>(key: string, ask: () => Promise<Item[]>, holds: (items: Item[]) => number): Promise<Item[]> {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#entries.get(key);
    if (known !== undefined && known.untilMs > nowMs) return (await known.records) as Item[];
    // While it is asked for, everybody waits for the one answer.
    const records = ask();
    const entry: Entry = { records, untilMs: Number.POSITIVE_INFINITY };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > mostNames) this.#dropOldest();
    try {
      const items = await records;
      const ms = items.length === 0 ? absentMs : holds(items);
      entry.untilMs = this.#clock.monotonicMs() + Math.min(Math.max(ms, shortestMs), longestMs);
      return items;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }

  #dropOldest(): void {
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}

function shortestTtl(addresses: readonly Address[]): number {
  return Math.min(...addresses.map(({ ttl }) => ttl)) * 1_000;
}
