// A cable between a network of a test and this machine: a server outside is reached by an address that is not loopback.

import { execFileSync } from 'node:child_process';
import type { Netns } from './netns.ts';

/**
 * It is gone with the network.
 * ```ts
 * using network = openNetns();
 * const uplink = plugIn(network);
 * await using server = await startServer({ gateway: { host: uplink.outside }, media: { listenIp: uplink.outside } });
 * ```
 */
export interface Uplink {
  /** This machine, as both sides call it. */
  readonly outside: string;
  /** The network, as both sides call it. */
  readonly inside: string;
  /** The same in IPv6. */
  readonly outside6: string;
  readonly inside6: string;
  /** What comes to this port of the network is for what listens on its loopback there. */
  exposeLoopback(port: number): void;
  /** In the network, this port of its loopback leads to the port of `outside`. */
  forwardLoopback(port: number): void;
}

let plugged = 0;

/** The addresses are of 198.18.0.0/15 and 2001:2::/48, which are for tests of networks (RFC 2544, RFC 5180). */
export function plugIn({ name, prefix }: Netns): Uplink {
  const place = (process.pid * 8 + plugged++) % 32_768;
  const cable = `pl${place}`;
  const base = place * 4;
  const address = (host: number) => `198.${18 + (base >> 16)}.${(base >> 8) & 255}.${(base & 255) + host}`;
  const address6 = (host: number) => `2001:2:0:${place.toString(16)}::${host}`;
  const [outside, inside, outside6, inside6] = [address(1), address(2), address6(1), address6(2)];
  const [ip = 'ip'] = prefix;
  const run = (...args: readonly string[]) => execFileSync(ip, args, { stdio: 'pipe' });
  const within = (...args: readonly string[]) => run('netns', 'exec', name, ...args);
  run('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  run('address', 'add', `${outside}/30`, 'dev', cable);
  // Nobody else has them: without this an address cannot be bound for its first second.
  run('-6', 'address', 'add', `${outside6}/64`, 'dev', cable, 'nodad');
  run('link', 'set', cable, 'up');
  within('ip', 'address', 'add', `${inside}/30`, 'dev', 'eth0');
  within('ip', '-6', 'address', 'add', `${inside6}/64`, 'dev', 'eth0', 'nodad');
  within('ip', 'link', 'set', 'eth0', 'up');
  within('ip', 'route', 'add', 'default', 'via', outside);
  within('ip', '-6', 'route', 'add', 'default', 'via', outside6);
  // Packets of loopback go no further, unless it is allowed; and then under an address that can be answered.
  within('sysctl', '-q', '-w', 'net.ipv4.conf.eth0.route_localnet=1');
  within('iptables', '-t', 'nat', '-A', 'POSTROUTING', '-o', 'eth0', '-s', '127.0.0.1', '-j', 'MASQUERADE');
  return {
    outside,
    inside,
    outside6,
    inside6,
    exposeLoopback(port) {
      const rule = ['-p', 'tcp', '--dport', String(port), '-j', 'DNAT', '--to-destination', `127.0.0.1:${port}`];
      within('iptables', '-t', 'nat', '-A', 'PREROUTING', ...rule);
    },
    forwardLoopback(port) {
      const rule = ['-p', 'tcp', '-d', '127.0.0.1', '--dport', String(port), '-j', 'DNAT', '--to-destination', outside];
      within('iptables', '-t', 'nat', '-A', 'OUTPUT', ...rule);
    },
  };
}
