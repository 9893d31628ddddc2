import { describe, expect, test } from 'vitest';
import { record } from './testing-entries.ts';
import { sharedLineMs, toEntries } from './to-entries.ts';

const options = { ownIdentity: 'me', ownName: 'Me', isDirect: false };

describe('toEntries()', () => {
  test('a message is shown as it is now, and what changed it has no line of its own', () => {
    const changed = record(1, 'message', {
      message: {
        text: 'now',
        mentions: ['me'],
        editedAtMs: 5,
        reactions: [{ emoji: '👍', identities: ['me'] }],
        changedSeq: 3,
      },
    });
    const changes = [record(2, 'edited', { targetId: 'm1', text: 'now' }), record(3, 'reaction', { targetId: 'm1' })];
    const entries = toEntries([changed, ...changes], [], options);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ text: 'now', edited: true, mentions: ['me'], reactions: [{ emoji: '👍' }] });
  });

  test('people who come together share a line, those who come later do not', () => {
    const entries = toEntries(
      [
        record(1, 'joined', { identity: 'ada', atMs: 0 }),
        record(2, 'joined', { identity: 'ben', atMs: 10 }),
        record(3, 'joined', { identity: 'ada', atMs: 20 }),
        record(4, 'joined', { identity: 'cleo', atMs: 20 + sharedLineMs }),
        record(5, 'left', { identity: 'cleo', atMs: 20 + sharedLineMs }),
      ],
      [],
      options,
    );
    expect(entries.map((entry) => entry.kind === 'event' && [entry.what, entry.identities])).toEqual([
      ['joined', ['ada', 'ben']],
      ['joined', ['cleo']],
      ['left', ['cleo']],
    ]);
  });

  test('what is on its way stands at the end and keeps its key when the log has it', () => {
    const outgoing = {
      clientId: 'c1',
      text: 'soon',
      replyTo: undefined,
      mentions: [],
      createdAtMs: 5,
      state: 'sending',
      error: undefined,
    } as const;
    const waiting = toEntries([record(1, 'message')], [outgoing], options);
    const sent = toEntries(
      [record(1, 'message'), record(2, 'message', { identity: 'me', clientId: 'c1' })],
      [],
      options,
    );
    expect(waiting[1]).toMatchObject({ own: true, state: 'sending', seq: undefined });
    expect(sent[1]).toMatchObject({ own: true, state: 'sent', seq: 2, key: waiting[1]?.key });
  });

  test('a direct conversation says nothing of who is connected', () => {
    const entries = toEntries([record(1, 'opened'), record(2, 'joined'), record(3, 'message')], [], {
      ...options,
      isDirect: true,
    });
    expect(entries.map((entry) => entry.kind)).toEqual(['event', 'message']);
  });
});
