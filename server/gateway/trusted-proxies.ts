// Who the client is when proxies stand in between. Anyone can write X-Forwarded-For; only what a trusted proxy added
// counts, and a proxy adds on the right.

import { BlockList, isIP } from 'node:net';
import { parseAddress } from '../../core/ip-address.ts';
import { StartError } from '../start-error.ts';

/** `peerAddress`: who is at the other end of the TCP connection. `forwardedFor`: all values of X-Forwarded-For. */
export type FindClientAddress = (peerAddress: string, forwardedFor: string | undefined) => string;

/** Whether an address is one of the trusted proxies. @throws {StartError} when an entry is no address and no CIDR block. */
export function createIsTrustedProxy(trustedProxies: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList();
  for (const entry of trustedProxies) addEntry(trusted, entry);
  return (text) => {
    const address = parseAddress(text);
    return address !== undefined && trusted.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
  };
}

/**
 * The nearest address that is not a trusted proxy. Where an entry is no address the proxy that wrote it stands for the
 * client, and where all are trusted the farthest does.
 * @throws {StartError} when an entry is neither an address nor a CIDR block.
 */
export function createFindClientAddress(trustedProxies: readonly string[]): FindClientAddress {
  const isTrusted = createIsTrustedProxy(trustedProxies);
  return (peerAddress, forwardedFor) => {
    let nearest = parseAddress(peerAddress) ?? peerAddress;
    if (forwardedFor === undefined || trustedProxies.length === 0) return nearest;
    for (const entry of forwardedFor.split(',').reverse()) {
      if (!isTrusted(nearest)) break;
      const address = parseAddress(withoutPort(entry.trim()));
      if (address === undefined) break;
      nearest = address;
    }
    return nearest;
  };
}

function addEntry(trusted: BlockList, entry: string): void {
  const [network = '', prefix, ...rest] = entry.split('/');
  const family = isIP(network);
  const maxBits = family === 4 ? 32 : 128;
  const bits = prefix === undefined ? maxBits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
  if (family === 0 || network.includes('%') || rest.length > 0 || bits < 0 || bits > maxBits) {
    throw new StartError(
      'reading the trusted proxies',
      `gateway.trustedProxies holds "${entry}", which is neither an address nor a CIDR block.`,
      { mend: 'Write entries as 10.0.0.7, 10.0.0.0/8 or fd00::/8.' },
    );
  }
  // A block of mapped addresses is meant for the IPv4 addresses in it, as which clients are compared.
  const inner = family === 6 && bits >= 96 ? parseAddress(network) : undefined;
  if (inner !== undefined && isIP(inner) === 4) trusted.addSubnet(inner, bits - 96, 'ipv4');
  else trusted.addSubnet(network, bits, family === 4 ? 'ipv4' : 'ipv6');
}

/** Some proxies write ports: `203.0.113.7:4711`, `[2001:db8::7]:4711`. */
function withoutPort(entry: string): string {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(entry)?.[1];
  return bracketed ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(entry)?.[1] ?? entry;
}
