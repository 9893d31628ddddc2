import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChatEntry, MessageEntry } from './chat-entry.ts';
import { groupMessages, groupPauseMs } from './group-messages.ts';

function message(author: string, sentAtMs: number, id = `${author}-${sentAtMs}`): MessageEntry {
  return {
    kind: 'message',
    id,
    author,
    identity: author,
    name: author,
    text: 'hello',
    sentAtMs,
    own: false,
    state: 'sent',
  };
}

function shape(entries: readonly ChatEntry[]): string[] {
  return groupMessages(entries).map((group) =>
    group.kind === 'event' ? group.what : `${group.author}:${group.messages.length}`,
  );
}

describe('groupMessages()', () => {
  test('messages that one person writes one after the other stand together', () => {
    expect(shape([message('ada', 0), message('ada', 1_000), message('ben', 2_000)])).toEqual(['ada:2', 'ben:1']);
  });

  test('a pause starts a new group', () => {
    expect(shape([message('ada', 0), message('ada', groupPauseMs), message('ada', 2 * groupPauseMs + 1)])).toEqual([
      'ada:2',
      'ada:1',
    ]);
  });

  test('somebody who comes or goes starts a new group', () => {
    const joined: ChatEntry = { kind: 'event', id: 'e', what: 'joined', names: ['Ben'], atMs: 500 };
    expect(shape([message('ada', 0), joined, message('ada', 1_000)])).toEqual(['ada:1', 'joined', 'ada:1']);
  });

  test('nothing is lost, doubled or put in another order', () => {
    const entries = fc.array(
      fc.record({ author: fc.constantFrom('ada', 'ben', 'cleo'), afterMs: fc.integer({ min: 0, max: 600_000 }) }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(entries, (drawn) => {
        let atMs = 0;
        const messages = drawn.map(({ author, afterMs }, index) => {
          atMs += afterMs;
          return message(author, atMs, String(index));
        });
        const groups = groupMessages(messages);
        expect(groups.flatMap((group) => (group.kind === 'event' ? [] : group.messages))).toEqual(messages);
        const authors = groups.map((group) => (group.kind === 'event' ? '' : group.author));
        for (const group of groups) {
          expect(group.kind === 'messages' && group.messages.every((one) => one.author === group.author)).toBe(true);
        }
        expect(authors.length).toBeLessThanOrEqual(messages.length);
      }),
    );
  });
});
