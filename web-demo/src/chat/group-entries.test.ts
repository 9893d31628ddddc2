import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChatEntry, EventEntry } from './chat-entry.ts';
import { groupEntries, groupPauseMs } from './group-entries.ts';
import { entry, record } from './testing-entries.ts';

const dayOf = (atMs: number): string => String(Math.floor(atMs / 86_400_000));

function event(atMs: number): EventEntry {
  return {
    kind: 'event',
    key: 'e',
    seq: 1,
    what: 'joined',
    atMs,
    lastAtMs: atMs,
    identities: ['ben'],
    record: record(1, 'joined'),
  };
}

function shape(entries: readonly ChatEntry[], unreadFrom?: string): string[] {
  return groupEntries(entries, { dayOf, unreadFrom }).map((item) =>
    item.kind === 'messages' ? `${item.identity}:${item.messages.length}` : item.kind,
  );
}

describe('groupEntries()', () => {
  test('messages that one person writes one after the other stand together, below their day', () => {
    expect(shape([entry('ada', 0), entry('ada', 1_000), entry('ben', 2_000)])).toEqual(['day', 'ada:2', 'ben:1']);
  });

  test('a pause, a quiet line, a new day and the unread line each start a new group', () => {
    expect(shape([entry('ada', 0), entry('ada', groupPauseMs + 1)])).toEqual(['day', 'ada:1', 'ada:1']);
    expect(shape([entry('ada', 0), event(1), entry('ada', 2)])).toEqual(['day', 'ada:1', 'event', 'ada:1']);
    const midnight = 86_400_000;
    expect(shape([entry('ada', midnight - 1), entry('ada', midnight)])).toEqual(['day', 'ada:1', 'day', 'ada:1']);
    expect(shape([entry('ada', 0), entry('ada', 1)], 'ada-1')).toEqual(['day', 'ada:1', 'unread', 'ada:1']);
  });

  test('a message on its way opens no day of its own when this clock is wrong', () => {
    const pending = entry('me', 0, { seq: undefined, state: 'sending' });
    expect(shape([entry('ada', 200_000_000, { seq: 1 }), pending])).toEqual(['day', 'ada:1', 'me:1']);
  });

  test('nothing is lost, doubled or put in another order', () => {
    const drawn = fc.array(
      fc.record({ author: fc.constantFrom('ada', 'ben'), afterMs: fc.integer({ min: 0, max: 90_000_000 }) }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(drawn, (steps) => {
        let atMs = 0;
        const messages = steps.map(({ author, afterMs }, index) => {
          atMs += afterMs;
          return entry(author, atMs, { key: String(index), seq: index + 1 });
        });
        const items = groupEntries(messages, { dayOf });
        expect(items.flatMap((item) => (item.kind === 'messages' ? item.messages : []))).toEqual(messages);
        for (const item of items) {
          if (item.kind !== 'messages') continue;
          expect(item.messages.every((one) => one.identity === item.identity)).toBe(true);
        }
        expect(new Set(items.map((item) => item.key)).size).toBe(items.length);
      }),
    );
  });
});
