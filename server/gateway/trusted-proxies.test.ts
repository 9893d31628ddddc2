import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAddress } from '../../core/ip-address.ts';
import { StartError } from '../start-error.ts';
import { createFindClientAddress } from './trusted-proxies.ts';

test('without trusted proxies X-Forwarded-For is not believed', () => {
  const find = createFindClientAddress([]);
  expect(find('203.0.113.7', '198.51.100.1')).toBe('203.0.113.7');
  expect(find('::ffff:203.0.113.7', undefined)).toBe('203.0.113.7');
});

test('a forged X-Forwarded-For from a client that is no proxy is not believed', () => {
  const find = createFindClientAddress(['10.0.0.0/8']);
  expect(find('203.0.113.7', '10.0.0.1, 198.51.100.1')).toBe('203.0.113.7');
});

test('the client is the rightmost address that is no trusted proxy', () => {
  const find = createFindClientAddress(['10.0.0.0/8', '2001:db8:ffff::/48']);
  expect(find('10.0.0.1', '198.51.100.66, 203.0.113.7')).toBe('203.0.113.7');
  expect(find('10.0.0.1', '198.51.100.66,203.0.113.7 , 10.2.3.4')).toBe('203.0.113.7');
  expect(find('::ffff:10.0.0.1', '203.0.113.7')).toBe('203.0.113.7');
  expect(find('2001:db8:ffff::1', '2001:DB8::0:7')).toBe('2001:db8::7');
  expect(find('10.0.0.1', '::ffff:203.0.113.7')).toBe('203.0.113.7');
});

test('ports that some proxies write are taken off', () => {
  const find = createFindClientAddress(['10.0.0.1']);
  expect(find('10.0.0.1', '203.0.113.7:4711')).toBe('203.0.113.7');
  expect(find('10.0.0.1', '[2001:db8::7]:4711')).toBe('2001:db8::7');
});

test('where an entry is no address the proxy that wrote it stands for the client', () => {
  const find = createFindClientAddress(['10.0.0.0/8']);
  expect(find('10.0.0.1', '203.0.113.7, unknown')).toBe('10.0.0.1');
  expect(find('10.0.0.1', '203.0.113.7, unknown, 10.0.0.2')).toBe('10.0.0.2');
  expect(find('10.0.0.1', '')).toBe('10.0.0.1');
});

test('a chain of trusted proxies only ends at the farthest', () => {
  const find = createFindClientAddress(['10.0.0.0/8']);
  expect(find('10.0.0.1', '10.0.0.3, 10.0.0.2')).toBe('10.0.0.3');
});

test('a block of IPv4 addresses in IPv6 form means those IPv4 addresses', () => {
  const find = createFindClientAddress(['::ffff:10.0.0.0/104']);
  expect(find('10.9.9.9', '203.0.113.7')).toBe('203.0.113.7');
  expect(find('11.0.0.1', '203.0.113.7')).toBe('11.0.0.1');
});

test.each([
  '10.0.0.0/33',
  '10.0.0',
  'localhost',
  '2001:db8::/129',
  '10.0.0.0/8/8',
  '10.0.0.0/',
  '10.0.0.0/-1',
  'fe80::1%lo',
  '',
])('the entry "%s" refuses the start and is named', (entry) => {
  expect(() => createFindClientAddress(['10.0.0.1', entry])).toThrow(StartError);
  expect(() => createFindClientAddress([entry])).toThrow(`"${entry}"`);
});

test('nothing that a client writes changes who it is behind a proxy', () => {
  const find = createFindClientAddress(['10.0.0.0/8', 'fd00::/8']);
  const client = fc.oneof(fc.ipV4(), fc.ipV6()).filter((text) => find(text, '192.0.2.1') !== '192.0.2.1');
  const forged = fc.array(
    fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.string().map((text) => text.replaceAll(',', '')),
    ),
  );
  const proxies = fc.array(fc.integer({ min: 1, max: 255 }).map((last) => `10.1.2.${last}`));
  fc.assert(
    fc.property(client, forged, proxies, (address, written, chain) => {
      const header = [...written, address, ...chain].join(', ');
      expect(find('10.0.0.1', header)).toBe(parseAddress(address));
    }),
  );
});
