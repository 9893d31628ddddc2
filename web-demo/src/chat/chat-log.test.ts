import { describe, expect, test } from 'vitest';
import type { EventEntry, MessageEntry } from './chat-entry.ts';
import {
  type ChatLog,
  keptEntries,
  sharedLineMs,
  withEvent,
  withFailure,
  withMessage,
  withoutEntry,
  withPending,
} from './chat-log.ts';

function message(id: string): MessageEntry {
  return {
    kind: 'message',
    id,
    author: 'a',
    identity: 'a',
    name: 'Ada',
    text: id,
    sentAtMs: 0,
    own: true,
    state: 'sent',
  };
}

function joined(name: string, atMs: number): EventEntry {
  return { kind: 'event', id: name, what: 'joined', names: [name], atMs };
}

describe('the chat log', () => {
  test('a message that comes twice stands once', () => {
    const once = withMessage([], message('m1'));
    expect(withMessage(once, message('m1'))).toBe(once);
  });

  test('a message that fails stays, with the reason, until it is sent again', () => {
    const sending = withPending([], message('local-1'));
    expect(sending).toMatchObject([{ state: 'sending' }]);
    const failed = withFailure(sending, 'local-1', 'No connection.');
    expect(failed).toMatchObject([{ state: 'failed', problem: 'No connection.' }]);
    expect(withoutEntry(failed, 'local-1')).toEqual([]);
  });

  test('people who come one after the other share a line, later ones get their own', () => {
    const log = [joined('Ada', 0), joined('Ben', 10), joined('Cleo', sharedLineMs + 10)].reduce<ChatLog>(withEvent, []);
    expect(log.map((entry) => entry.kind === 'event' && entry.names)).toEqual([['Ada', 'Ben'], ['Cleo']]);
    expect(withEvent(log, { ...joined('x', 0), names: [] })).toBe(log);
  });

  test('only the last thousand are kept', () => {
    let log: ChatLog = [];
    for (let index = 0; index < keptEntries + 5; index += 1) log = withMessage(log, message(String(index)));
    expect(log).toHaveLength(keptEntries);
    expect(log[0]?.id).toBe('5');
  });
});
