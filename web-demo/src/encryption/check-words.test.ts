import { expect, test } from 'vitest';
import { checkWordsOf } from './check-words.ts';

test('are five, the same for the same key and others for another', async () => {
  const key = new Uint8Array(32).fill(1);
  const words = await checkWordsOf(key);
  expect(words).toHaveLength(5);
  expect(await checkWordsOf(key.slice())).toEqual(words);
  expect(await checkWordsOf(key.with(31, 2))).not.toEqual(words);
});

test('every byte has a word of its own', async () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 1_500; seed++) {
    for (const word of await checkWordsOf(new Uint8Array(32).fill(seed % 256).with(0, seed >> 8))) seen.add(word);
  }
  expect(seen.size).toBe(256);
  expect([...seen].every((word) => /^[a-z]{3,}$/.test(word))).toBe(true);
});
