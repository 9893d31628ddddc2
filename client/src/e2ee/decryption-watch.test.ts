import { expect, test } from 'vitest';
import { DecryptionWatch } from './decryption-watch.ts';

function refuse(watch: DecryptionWatch, frames: number, fromMs: number, everyMs: number): boolean[] {
  return Array.from({ length: frames }, (_, at) => watch.refused('keyMissing', fromMs + at * everyMs));
}

test('a few frames under an unknown key are no problem while keys change', () => {
  const watch = new DecryptionWatch();
  expect(refuse(watch, 40, 0, 20)).not.toContain(true);
  expect(watch.opened()).toBe(false);
  expect(refuse(watch, 4, 1_000, 900)).not.toContain(true);
  expect(watch.problem).toBeUndefined();
});

test('frames that go on being refused are one, told once, and over with the first that is opened', () => {
  const watch = new DecryptionWatch();
  expect(refuse(watch, 100, 0, 20).filter((isNews) => isNews)).toHaveLength(1);
  expect(watch.problem).toBe('keyMissing');
  expect(watch.refused('notAuthentic', 3_000)).toBe(true);
  expect(watch.problem).toBe('notAuthentic');
  expect([watch.opened(), watch.opened(), watch.problem]).toEqual([true, false, undefined]);
});

test('frames that came before say nothing of the key', () => {
  const watch = new DecryptionWatch();
  const told = Array.from({ length: 100 }, (_, at) => watch.refused('replayed', at * 100));
  expect(told).not.toContain(true);
});
