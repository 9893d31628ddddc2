import { expect, test } from 'vitest';
import { tonesOf } from './key-tones.ts';

test('each key has the tones of its row and its column', () => {
  expect(tonesOf('1')).toEqual([697, 1209]);
  expect(tonesOf('5')).toEqual([770, 1336]);
  expect(tonesOf('0')).toEqual([941, 1336]);
  expect(tonesOf('#')).toEqual([941, 1477]);
});

test('what is no key has none', () => {
  for (const text of ['', '12', 'a', '+']) expect(tonesOf(text)).toBeUndefined();
});
