import type { LogRecord } from '@parley/client';
import { expect, test } from 'vitest';
import { entry } from './testing-entries.ts';
import { lineAfterOf, unreadFrom } from './unread-line.ts';

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

test('unreadFrom() is nothing where nothing was left unread', () => {
  expect(unreadFrom(entries, undefined)).toBeUndefined();
});

const message = (seq: number, identity = 'ada'): LogRecord => ({
  seq,
  messageId: `m${seq}`,
  kind: 'message',
  atMs: seq,
  identity,
  name: identity,
  clientId: `c${seq}`,
});
const arrival = {
  unread: { messages: 3, readSeq: 0 },
  arrivedSeq: 5,
  records: [message(4), message(5)],
  ownIdentity: 'me',
};

test('lineAfterOf() is where a reader stopped, however long ago', () => {
  expect(lineAfterOf({ ...arrival, unread: { messages: 3, readSeq: 2 } })).toBe(2);
  expect(lineAfterOf({ ...arrival, unread: { messages: 0, readSeq: 2 } })).toBeUndefined();
});

test('lineAfterOf() is nothing for who reads here for the first time, until something comes', () => {
  expect(lineAfterOf(arrival)).toBeUndefined();
  expect(lineAfterOf({ ...arrival, records: [message(5), message(6, 'me')] })).toBeUndefined();
  expect(lineAfterOf({ ...arrival, records: [message(5), message(6)] })).toBe(5);
  expect(lineAfterOf({ ...arrival, arrivedSeq: 0, records: [message(1)] })).toBeUndefined();
});
