import { expect, test } from 'vitest';
import { longestPrefix } from './price.ts';

class CountedMap extends Map<string, number> {
  asked = 0;

  override get(prefix: string): number | undefined {
    this.asked += 1;
    return super.get(prefix);
  }
}

test('the longest prefix counts, and a number without end is not looked at to its end', () => {
  const prices = new CountedMap([
    ['+49', 1],
    ['+4915', 2],
  ]);
  expect([longestPrefix('+4915123', prices), longestPrefix('+4930', prices), longestPrefix('+1', prices)]).toEqual([
    2,
    1,
    undefined,
  ]);
  prices.asked = 0;
  expect(longestPrefix(`+4915${'1'.repeat(8_000)}`, prices)).toBe(2);
  expect(prices.asked).toBeLessThan(30);
});
