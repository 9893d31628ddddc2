import { expect, test } from 'vitest';
import { addressOfRoom, bytesOfKey, createRoomKey, keyOfHash } from './room-key.ts';

test('a link carries its key behind the hash, and the page finds it there', () => {
  const key = createRoomKey();
  const { pathname, hash } = new URL(addressOfRoom('calm-river', key), 'https://parley.test');
  expect(pathname).toBe('/r/calm-river');
  expect(keyOfHash(hash)).toBe(key);
  expect(bytesOfKey(key)).toHaveLength(32);
  expect(createRoomKey()).not.toBe(key);
});

test('a link without a key has none, and one that was cut neither', () => {
  const key = createRoomKey();
  for (const hash of ['', '#', '#token=abc', '#key=', `#key=${key.slice(1)}`, `#key=${key}AA`, '#key=%%%', '#key=é']) {
    expect(keyOfHash(hash)).toBeUndefined();
  }
  expect(addressOfRoom('calm-river', undefined)).toBe('/r/calm-river');
});
