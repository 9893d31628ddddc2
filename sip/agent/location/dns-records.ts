import { Resolver } from 'node:dns/promises';

/** What RFC 3263 asks a name server for. Records with how long they hold, in seconds. */
export interface DnsRecords {
  naptr(name: string): Promise<Naptr[]>;
  srv(name: string): Promise<Srv[]>;
  /** IPv4 addresses. */
  a(name: string): Promise<Address[]>;
  /** IPv6 addresses. */
  aaaa(name: string): Promise<Address[]>;
}

export interface Naptr {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly replacement: string;
}

export interface Srv {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly name: string;
}

export interface Address {
  readonly address: string;
  /** Seconds. */
  readonly ttl: number;
}

/** There is no such name, or it has no such record. */
const absent: ReadonlySet<string | undefined> = new Set(['ENODATA', 'ENOTFOUND']);
/** Also what name servers of small routers say when they are asked for anything but addresses. */
const absentOrUnheardOf: ReadonlySet<string | undefined> = new Set([
  ...absent,
  'ESERVFAIL',
  'EFORMERR',
  'ENOTIMP',
  'EREFUSED',
]);

/** The system's resolver, or the servers that are named (`192.0.2.1:53`). No such record is an empty answer, anything else throws. */
export class SystemDns implements DnsRecords {
  readonly #resolver: Resolver;

  constructor(servers?: readonly string[], timeoutMs = 1_500) {
    this.#resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
    if (servers !== undefined) this.#resolver.setServers(servers);
  }

  naptr(name: string): Promise<Naptr[]> {
    return orNone(this.#resolver.resolveNaptr(name), absentOrUnheardOf);
  }

  srv(name: string): Promise<Srv[]> {
    return orNone(this.#resolver.resolveSrv(name), absentOrUnheardOf);
  }

  a(name: string): Promise<Address[]> {
    return orNone(this.#resolver.resolve4(name, { ttl: true }), absent);
  }

  aaaa(name: string): Promise<Address[]> {
    return orNone(this.#resolver.resolve6(name, { ttl: true }), absent);
  }
}

async function orNone<Item>(asked: Promise<Item[]>, none: ReadonlySet<string | undefined>): Promise<Item[]> {
  try {
    return await asked;
  } catch (error) {
    if (none.has((error as NodeJS.ErrnoException).code)) return [];
    throw error;
  }
}
