import { isIP } from 'node:net';
import type { SipUri } from '../messages/parse-uri.ts';
import { defaultPort, type Protocol } from '../transports/endpoint.ts';
import type { Target } from '../transports/transports.ts';
import type { DnsRecords } from './dns-records.ts';
import { orderServices } from './order-services.ts';

/** Beyond it further ones are left out: nobody waits for more. */
const mostTargets = 32;

export interface LocateOptions {
  readonly dns: DnsRecords;
  /** Whether anything of this protocol can be sent here. */
  readonly supports: (protocol: Protocol) => boolean;
  /** Whether there is an IPv6 socket; AAAA records are not asked for without. */
  readonly ipv6: boolean;
  readonly random?: () => number;
}

/** NAPTR services that we could use (RFC 3263 section 4.1, RFC 7118 section 6.1 has none for clients of ours). */
const services: Readonly<Record<string, Protocol>> = { 'SIPS+D2T': 'TLS', 'SIP+D2T': 'TCP', 'SIP+D2U': 'UDP' };
const prefixes: readonly (readonly [Protocol, string])[] = [
  ['TLS', '_sips._tcp.'],
  ['TCP', '_sip._tcp.'],
  ['UDP', '_sip._udp.'],
];

/**
 * Where a request for this URI goes, the best first (RFC 3263 section 4): by `transport`, address, port, NAPTR, SRV, A and AAAA,
 * in that order. Empty when the name has nothing that could be used.
 * @throws what the name server says when it does not answer, and nothing was found without its answer.
 */
export async function locate(uri: SipUri, options: LocateOptions): Promise<Target[]> {
  const secure = uri.scheme === 'sips';
  // An IPv6 address has brackets there (section 25.1, `maddr-param`).
  const host = uri.parameters.get('maddr')?.replace(/^\[(.*)\]$/, '$1') ?? uri.host;
  const said = uri.parameters.get('transport')?.toUpperCase();
  const asked = said === undefined ? undefined : protocolOf(said, secure);
  if (said !== undefined && asked === undefined) return [];
  const { port } = uri;
  if (isIP(host) !== 0) {
    const protocol = asked ?? (secure ? 'TLS' : 'UDP');
    return [
      { protocol, address: host, port: port ?? defaultPort[protocol], ...(isSecure(protocol) && { serverName: host }) },
    ];
  }
  if (port !== undefined || asked === 'WS' || asked === 'WSS') {
    const protocol = asked ?? (secure ? 'TLS' : 'UDP');
    return withAddresses(host, [{ protocol, name: host, port: port ?? defaultPort[protocol] }], options);
  }
  const found = await findServices(host, asked, secure, options);
  if (found.length > 0) return withAddresses(host, found, options);
  const protocol = asked ?? (secure ? 'TLS' : 'UDP');
  return withAddresses(host, [{ protocol, name: host, port: defaultPort[protocol] }], options);
}

interface Service {
  readonly protocol: Protocol;
  readonly name: string;
  readonly port: number;
}

/** `sips` with TCP is TLS over it (RFC 3261 section 26.2.2). */
function protocolOf(transport: string, secure: boolean): Protocol | undefined {
  if (transport === 'UDP') return secure ? undefined : 'UDP';
  if (transport === 'TCP') return secure ? 'TLS' : 'TCP';
  if (transport === 'WS') return secure ? 'WSS' : 'WS';
  return transport === 'TLS' || transport === 'WSS' ? transport : undefined;
}

function isSecure(protocol: Protocol): boolean {
  return protocol === 'TLS' || protocol === 'WSS';
}

async function findServices(
  host: string,
  asked: Protocol | undefined,
  secure: boolean,
  { dns, supports, random = Math.random }: LocateOptions,
): Promise<Service[]> {
  const fits = (protocol: Protocol) =>
    supports(protocol) && (asked === undefined || protocol === asked) && (!secure || isSecure(protocol));
  const names = asked === undefined ? await findNames(host, fits, dns) : [];
  const lists =
    names.length > 0
      ? names
      : prefixes
          .filter(([protocol]) => fits(protocol))
          .map(([protocol, prefix]) => ({ protocol, name: prefix + host }));
  const found: Service[] = [];
  for (const { protocol, name } of lists) {
    for (const record of orderServices(await dns.srv(name), random)) {
      // "Not here" is written as a dot (RFC 2782).
      if (record.name !== '' && record.name !== '.') found.push({ protocol, name: record.name, port: record.port });
    }
    // Without NAPTR, the first protocol that has a service is taken (RFC 3263 section 4.1).
    if (names.length === 0 && found.length > 0) break;
  }
  return found;
}

async function findNames(host: string, fits: (protocol: Protocol) => boolean, dns: DnsRecords) {
  const records = (await dns.naptr(host)).sort((a, b) => a.order - b.order || a.preference - b.preference);
  return records.flatMap(({ flags, service, replacement }) => {
    const protocol = services[service.toUpperCase()];
    const usable = flags.toLowerCase() === 's' && replacement !== '' && protocol !== undefined && fits(protocol);
    return usable ? [{ protocol, name: replacement }] : [];
  });
}

/** The certificate is of the domain that was asked for, not of the host that a record named (RFC 5922 section 4). */
async function withAddresses(
  domain: string,
  found: readonly Service[],
  { dns, ipv6 }: LocateOptions,
): Promise<Target[]> {
  const targets: Target[] = [];
  const failures: unknown[] = [];
  for (const { protocol, name, port } of found) {
    const asked = await Promise.allSettled([ipv6 ? dns.aaaa(name) : [], dns.a(name)]);
    for (const answer of asked) {
      // What one name server does not say of one host or family, keeps nobody from the others.
      if (answer.status === 'rejected') failures.push(answer.reason);
      for (const { address } of answer.status === 'fulfilled' ? answer.value : []) {
        targets.push({ protocol, address, port, ...(isSecure(protocol) && { serverName: domain }) });
        if (targets.length === mostTargets) return targets;
      }
    }
  }
  if (targets.length === 0 && failures.length > 0) throw failures[0];
  return targets;
}
