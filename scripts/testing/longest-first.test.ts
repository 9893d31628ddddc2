import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inOrder, longFiles, withBrowsers } from './longest-first.ts';

test('every file that is told of is there', () => {
  const root = new URL('../../', import.meta.url);
  const told = [...longFiles.keys(), ...withBrowsers];
  expect(told.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
});

test('the longest begin, and browsers are spread over the whole time', () => {
  const pages = ['test/e2e/direct.test.ts', 'test/e2e/call.test.ts', 'test/e2e/short.test.ts', 'test/e2e/chat.test.ts'];
  const others = ['client/test/quality.test.ts', 'test/a.test.ts', 'client/test/recording.test.ts'];
  expect(inOrder([...others, ...pages])).toEqual([
    'test/e2e/call.test.ts',
    'client/test/recording.test.ts',
    'test/e2e/chat.test.ts',
    'client/test/quality.test.ts',
    'test/e2e/direct.test.ts',
    'test/a.test.ts',
    'test/e2e/short.test.ts',
  ]);
});

test('files without any of the one kind keep their order', () => {
  expect(inOrder([])).toEqual([]);
  expect(inOrder(['test/a.test.ts', 'client/test/recording.test.ts'])).toEqual([
    'client/test/recording.test.ts',
    'test/a.test.ts',
  ]);
});
