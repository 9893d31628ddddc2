import { expect, test } from 'vitest';
import { undisturbed } from './undisturbed.ts';

async function fail(stalledMs: number, tries: number[]): Promise<void> {
  tries.push(stalledMs);
  // The monitor looks every few milliseconds: it has to have begun.
  await new Promise((resolve) => setTimeout(resolve, 30));
  const endMs = performance.now() + stalledMs;
  while (performance.now() < endMs);
  await new Promise((resolve) => setTimeout(resolve, 30));
  throw new Error('as it is told to');
}

test('a failure is one, where this process ran', async () => {
  const tries: number[] = [];
  await expect(undisturbed(5_000, () => fail(0, tries))).rejects.toThrow('as it is told to');
  expect(tries).toHaveLength(1);
});

test('a failure is tried again where this process was stopped, three times at most', async () => {
  const tries: number[] = [];
  await expect(undisturbed(100, () => fail(150, tries))).rejects.toThrow('as it is told to');
  expect(tries).toHaveLength(3);
  let once = 0;
  await undisturbed(100, async () => {
    once += 1;
    if (once === 1) await fail(150, []);
  });
  expect(once).toBe(2);
});
