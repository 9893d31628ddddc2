import { expect, test } from 'vitest';
import { entry } from './testing-entries.ts';
import { unreadFrom } from './unread-line.ts';

const entries = [
  entry('ada', 1, { seq: 1 }),
  entry('me', 2, { seq: 2 }),
  entry('ada', 3, { seq: 3, deletedBy: 'ada' }),
  entry('ada', 4, { seq: 4 }),
];

test('unreadFrom() is the first message of somebody else behind what was read, deleted ones left out', () => {
  expect(unreadFrom(entries, 1)).toBe('ada-4');
  expect(unreadFrom(entries, 4)).toBeUndefined();
});

test('unreadFrom() is nothing for somebody who never read here', () => {
  expect(unreadFrom(entries, 0)).toBeUndefined();
  expect(unreadFrom(entries, undefined)).toBeUndefined();
});
