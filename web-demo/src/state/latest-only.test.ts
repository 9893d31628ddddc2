import { expect, test } from 'vitest';
import { latestOnly } from './latest-only.ts';

test('latestOnly() never runs twice at once and ends with the latest state', async () => {
  let wanted = 0;
  let running = 0;
  const seen: number[] = [];
  const gates: (() => void)[] = [];
  const ask = latestOnly(async () => {
    running += 1;
    expect(running).toBe(1);
    seen.push(wanted);
    await new Promise<void>((resolve) => gates.push(resolve));
    running -= 1;
  });
  for (wanted = 1; wanted <= 5; wanted += 1) ask();
  expect(seen).toEqual([1]);
  wanted = 9;
  ask();
  gates.shift()?.();
  await expect.poll(() => seen).toEqual([1, 9]);
  gates.shift()?.();
  await expect.poll(() => running).toBe(0);
  ask();
  expect(seen).toEqual([1, 9, 9]);
});
