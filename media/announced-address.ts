// Where media is received, and what clients are told to send to.

import { BlockList, isIP } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import type { MediaOptions } from './media-options.ts';

export interface ListenAddress {
  /** What is bound. */
  readonly ip: string;
  /** What clients are told: the bound address, the one of a NAT in front, or a host name. */
  readonly announced: string;
}

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/**
 * A configured address is announced as it is. Otherwise the address that is listened on; and when that is any address
 * (0.0.0.0 or ::), the first one of this machine that leads out of it, public ones before private ones, and loopback
 * behind it, for browsers on the machine itself. Each is bound by itself then: a socket bound to any address answers
 * from whichever one the route back has, and ICE refuses an answer from another address than it asked (RFC 8445
 * section 7.2.5.2.1).
 */
export function listenAddresses(
  options: Pick<MediaOptions, 'listenIp' | 'announcedAddress'>,
  interfaces: Interfaces = networkInterfaces(),
): readonly ListenAddress[] {
  const { listenIp, announcedAddress } = options;
  if (announcedAddress !== '') return [{ ip: listenIp, announced: announcedAddress }];
  if (!isAnyAddress(listenIp)) return [{ ip: listenIp, announced: listenIp }];
  const found = [
    firstAddress(interfaces, 'IPv4'),
    isIP(listenIp) === 6 ? firstAddress(interfaces, 'IPv6') : undefined,
    '127.0.0.1',
  ];
  return found.flatMap((ip) => (ip === undefined ? [] : [{ ip, announced: ip }]));
}

/** Networks that nobody reaches from the internet. */
const privateNetworks = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8], // RFC 1918
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10], // carrier-grade NAT, RFC 6598
  ['169.254.0.0', 16], // link-local, RFC 3927
  ['127.0.0.0', 8], // loopback, RFC 1122
  ['0.0.0.0', 8],
  ['192.0.2.0', 24], // documentation, RFC 5737
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['198.18.0.0', 15], // benchmarks of devices, RFC 2544
  ['240.0.0.0', 4], // reserved, RFC 1112
] as const) {
  privateNetworks.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['fc00::', 7], // unique local, RFC 4193
  ['fe80::', 10], // link-local, RFC 4291
  ['2001:db8::', 32], // documentation, RFC 3849
  ['::1', 128],
  ['::', 128],
] as const) {
  privateNetworks.addSubnet(network, prefix, 'ipv6');
}

/** True for an address that is not reached from the internet; false for host names, which are not looked up. */
export function isPrivateAddress(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && privateNetworks.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

function firstAddress(interfaces: Interfaces, family: 'IPv4' | 'IPv6'): string | undefined {
  const addresses = Object.values(interfaces)
    .flatMap((list) => list ?? [])
    .filter((info) => info.family === family && !info.internal)
    .map((info) => info.address)
    // A link-local IPv6 address means nothing without the name of its interface, which a candidate cannot carry.
    .filter((address) => !/^fe[89ab]/i.test(address));
  return addresses.find((address) => !isPrivateAddress(address)) ?? addresses[0];
}

function isAnyAddress(ip: string): boolean {
  return ip === '0.0.0.0' || ip === '::';
}
