import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { isPrivateAddress, listenAddresses } from './announced-address.ts';

function card(address: string, internal = false): NetworkInterfaceInfo {
  const family = address.includes(':') ? 'IPv6' : 'IPv4';
  return { address, internal, family, netmask: '', mac: '', cidr: null, scopeid: 0 } as NetworkInterfaceInfo;
}

const lo = [card('127.0.0.1', true), card('::1', true)];
const listen = (listenIp: string, announcedAddress: string, interfaces: Record<string, NetworkInterfaceInfo[]>) =>
  listenAddresses({ listenIp, announcedAddress }, interfaces);

describe('listenAddresses()', () => {
  test('announces what is configured, address or name, on whatever is listened on', () => {
    expect(listen('0.0.0.0', 'media.example.org', { lo })).toEqual([{ ip: '0.0.0.0', announced: 'media.example.org' }]);
    expect(listen('10.0.0.5', '203.0.113.9', { lo })).toEqual([{ ip: '10.0.0.5', announced: '203.0.113.9' }]);
  });

  test('announces a certain listen address as it is', () => {
    expect(listen('127.0.0.1', '', { lo, eth0: [card('192.0.2.2')] })).toEqual([
      { ip: '127.0.0.1', announced: '127.0.0.1' },
    ]);
  });

  test('with 0.0.0.0 finds the first address that leads out, and keeps loopback for browsers on the machine', () => {
    const interfaces = { lo, eth0: [card('fe80::1'), card('192.168.1.7')], docker0: [card('172.17.0.1')] };
    expect(listen('0.0.0.0', '', interfaces)).toEqual([
      { ip: '192.168.1.7', announced: '192.168.1.7' },
      { ip: '127.0.0.1', announced: '127.0.0.1' },
    ]);
  });

  test('with 0.0.0.0 takes a public address before a private one', () => {
    const interfaces = { lo, eth0: [card('10.0.0.5')], eth1: [card('9.9.9.9')] };
    expect(listen('0.0.0.0', '', interfaces)[0]).toEqual({ ip: '9.9.9.9', announced: '9.9.9.9' });
  });

  test('with 0.0.0.0 on a machine without a network takes loopback', () => {
    expect(listen('0.0.0.0', '', { lo })).toEqual([{ ip: '127.0.0.1', announced: '127.0.0.1' }]);
  });

  test('with :: takes one address of each family, and no link-local one', () => {
    const interfaces = { lo, eth0: [card('192.0.2.2'), card('fe80::1'), card('2001:db8::2')] };
    expect(listen('::', '', interfaces).map(({ ip }) => ip)).toEqual(['192.0.2.2', '2001:db8::2', '127.0.0.1']);
  });
});

describe('isPrivateAddress()', () => {
  test.each([
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '100.64.0.1',
    '100.127.255.255',
    '169.254.1.1',
    '127.0.0.1',
    '0.0.0.0',
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.1',
    '198.18.0.1',
    '198.19.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '2001:db8::1',
    '::1',
    'fc00::1',
    'fdff::1',
    'fe80::1',
    '::ffff:10.0.0.1',
  ])('%s is private', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  test.each([
    '9.9.9.9',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '198.17.0.1',
    '198.20.0.1',
    '239.1.1.1',
    '2606:4700::1',
    '::ffff:9.9.9.9',
  ])('%s is not', (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });

  test('a host name is not, for nobody looks it up', () => {
    expect(isPrivateAddress('localhost')).toBe(false);
  });
});
