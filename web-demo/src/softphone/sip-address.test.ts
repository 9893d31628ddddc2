import { expect, test } from 'vitest';
import { toShownAddress, toSipAddress } from './sip-address.ts';

test.each([
  ['ann', 'sip:ann@example.org'],
  [' 1000 ', 'sip:1000@example.org'],
  ['+49 (30) 123-45', 'sip:+493012345@example.org'],
  ['*98#', 'sip:*98%23@example.org'],
  ['ben@other.example', 'sip:ben@other.example'],
  ['sip:room-7@other.example', 'sip:room-7@other.example'],
  ['sips:ben@other.example', 'sips:ben@other.example'],
  ['Jürgen', 'sip:J%C3%BCrgen@example.org'],
])('%s is called as %s', (typed, address) => {
  expect(toSipAddress(typed, 'example.org')).toBe(address);
});

test.each(['', '   ', '+', '()', 'ann smith', '<ann>', 'a"b'])('“%s” is nobody to call', (typed) => {
  expect(toSipAddress(typed, 'example.org')).toBeUndefined();
});

test('an address is shown as short as it is clear', () => {
  expect(toShownAddress({ user: 'ann', host: 'example.org' }, 'example.org')).toBe('ann');
  expect(toShownAddress({ user: 'ann', host: 'other.example' }, 'example.org')).toBe('ann@other.example');
  expect(toShownAddress({ user: '*98%23', host: 'example.org' }, 'example.org')).toBe('*98#');
  expect(toShownAddress({ host: 'example.org' }, 'example.org')).toBe('example.org');
  expect(toShownAddress({ user: '%', host: 'example.org' }, 'example.org')).toBe('%');
});
