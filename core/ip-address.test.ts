import { SocketAddress } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limitGroup, parseAddress } from './ip-address.ts';

test('parseAddress() writes one address in one way', () => {
  expect(parseAddress('203.0.113.7')).toBe('203.0.113.7');
  expect(parseAddress('2001:DB8:0:0:0:0:0:1')).toBe('2001:db8::1');
  expect(parseAddress('::ffff:203.0.113.7')).toBe('203.0.113.7');
  expect(parseAddress('::ffff:cb00:7107')).toBe('203.0.113.7');
  expect(parseAddress('::1')).toBe('::1');
});

test('parseAddress() takes nothing that is not an address', () => {
  for (const text of [
    '',
    'unknown',
    '_hidden',
    '203.0.113',
    '203.0.113.256',
    '203.0.113.07',
    'fe80::1%eth0',
    ':::',
    '1::2::3',
  ]) {
    expect(parseAddress(text), text).toBeUndefined();
  }
});

test('parseAddress() of what it returned is the same again', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const address = parseAddress(text) ?? '';
      expect(address).not.toBe('');
      expect(parseAddress(address)).toBe(address);
    }),
  );
});

test('limitGroup() takes an IPv6 network of 64 bits as one and an IPv4 address as itself', () => {
  expect(limitGroup('203.0.113.7')).toBe('203.0.113.7');
  expect(limitGroup('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
  expect(limitGroup('2001:db8::1')).toBe('2001:db8:0:0::/64');
  expect(limitGroup('::1')).toBe('0:0:0:0::/64');
});

test('limitGroup() is equal for two IPv6 addresses exactly when their first 64 bits are', () => {
  const part = fc.integer({ min: 0, max: 0xffff });
  const half = fc.array(part, { minLength: 4, maxLength: 4 });
  const toAddress = (parts: number[]) =>
    new SocketAddress({ address: parts.map((value) => value.toString(16)).join(':'), family: 'ipv6' }).address;
  fc.assert(
    fc.property(half, half, half, half, (networkA, networkB, hostA, hostB) => {
      const inNetwork = (network: number[], host: number[]) => limitGroup(toAddress([...network, ...host]));
      expect(inNetwork(networkA, hostA)).toBe(inNetwork(networkA, hostB));
      const same = networkA.every((value, index) => value === networkB[index]);
      expect(inNetwork(networkA, hostA) === inNetwork(networkB, hostA)).toBe(same);
    }),
  );
});
