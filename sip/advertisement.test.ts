import { expect, test } from 'vitest';
import { parseAdvertisement } from './advertisement.ts';

test('an advertised address has a port and networks where they are written', () => {
  expect(parseAdvertisement('203.0.113.7')).toEqual({ address: '203.0.113.7' });
  expect(parseAdvertisement('sip.example.org:5070')).toEqual({ address: 'sip.example.org', port: 5070 });
  expect(parseAdvertisement('2001:db8::1')).toEqual({ address: '2001:db8::1' });
  expect(parseAdvertisement('[2001:db8::1]:5060')).toEqual({ address: '2001:db8::1', port: 5060 });
  expect(parseAdvertisement('10.0.0.5 for 10.0.0.0/8, 192.168.0.0/16')).toEqual({
    address: '10.0.0.5',
    towards: ['10.0.0.0/8', '192.168.0.0/16'],
  });
});

test('what is no address, port or network is none', () => {
  const places = ['', 'a b', '203.0.113.7:0', '203.0.113.7:70000', '[nothing]:1'];
  const networks = ['10.0.0.5 for', '10.0.0.5 for x', 'a for 10.0.0.0/8 for 10.0.0.0/8'];
  for (const text of [...places, ...networks]) expect(parseAdvertisement(text)).toBeUndefined();
});
