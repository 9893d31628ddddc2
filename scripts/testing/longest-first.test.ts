import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { longFiles } from './longest-first.ts';

test('every file that is told to take long is there', () => {
  const root = new URL('../../', import.meta.url);
  expect([...longFiles.keys()].filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
});
