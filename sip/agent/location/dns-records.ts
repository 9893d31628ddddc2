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

/** The system's resolver, or the servers that are named (`192.0.2.1:53`). No such record is an empty answer, anything else throws. */
export class SystemDns implements DnsRecords {
  readonly #resolver: Resolver;

  constructor(servers?: readonly string[], timeoutMs = 1_500) {
    this.#resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
    if (servers !== undefined) this.#resolver.setServers(servers);
  }

  naptr(name: string): Promise<Naptr[]> {
    return orNone(this.#resolver.resolveNaptr(name));
  }

  srv(name: string): Promise<Srv[]> {
    return orNone(this.#resolver.resolveSrv(name));
  }

  a(name: string): Promise<Address[]> {
    return orNone(this.#resolver.resolve4(name, { ttl: true }));
  }

  aaaa(name: string): Promise<Address[]> {
    return orNone(this.#resolver.resolve6(name, { ttl: true }));
  }
}

async function orNone<Item>(asked: Promise<Item[]>): Promise<Item[]> {
  try {
    return await asked;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENODATA' || code === 'ENOTFOUND') return [];
    throw error;
  }
}
