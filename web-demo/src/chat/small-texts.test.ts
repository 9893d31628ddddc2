import { describe, expect, test } from 'vitest';
import { dayLabel } from './day-label.ts';
import { describeEvent, spellSpan } from './describe-event.ts';
import { excerpt } from './excerpt.ts';
import { gapText } from './gap-text.ts';
import { summarizeReactions } from './reactions.ts';
import { readBy } from './read-by.ts';
import { entry, record } from './testing-entries.ts';
import { toEntries } from './to-entries.ts';
import { typingText } from './typing-text.ts';
import { writingHint } from './writing-hint.ts';

const nameOf = (identity: string): string => ({ me: 'You', ada: 'Ada', ben: 'Ben' })[identity] ?? identity;

describe('what the chat says', () => {
  test('dayLabel() says today and yesterday, and the year of another one', () => {
    const now = new Date(2026, 5, 10, 12).getTime();
    expect(dayLabel(new Date(2026, 5, 10, 0, 1).getTime(), now)).toBe('Today');
    expect(dayLabel(new Date(2026, 5, 9, 23, 59).getTime(), now)).toBe('Yesterday');
    expect(dayLabel(new Date(2024, 5, 9).getTime(), now)).toContain('2024');
  });

  test.each([
    [{ kind: 'joined', identity: 'me' }, 'You joined'],
    [{ kind: 'joined', via: 'phone' }, 'Ada joined by phone'],
    [{ kind: 'callEnded', identity: '', durationMs: 65_000 }, 'The call ended after 1:05'],
    [{ kind: 'muted', subject: 'me' }, 'Ada muted you in the chat'],
    [{ kind: 'banned', subject: 'ben' }, 'Ada banned Ben'],
    [
      { kind: 'configured', settings: { slowModeMs: 30_000, retentionMs: 0, retentionRecords: 0 } },
      'Ada set slow mode: one message every 30 s',
    ],
  ] as const)('describeEvent() of %o is “%s”', (more, sentence) => {
    const [event] = toEntries([record(1, more.kind, more)], [], { ownIdentity: 'me', ownName: 'Me', isDirect: false });
    expect(event?.kind === 'event' && describeEvent(event, nameOf)).toBe(sentence);
  });

  test('describeEvent() names the reader first', () => {
    const joins = ['ada', 'me', 'ben'].map((identity, index) => record(index + 1, 'joined', { identity }));
    const [event] = toEntries(joins, [], { ownIdentity: 'me', ownName: 'Me', isDirect: false });
    expect(event?.kind === 'event' && describeEvent(event, nameOf)).toBe('You, Ada and Ben joined');
  });

  test('spellSpan() says seconds, minutes and hours', () => {
    expect([10_000, 60_000, 90_000, 3_600_000, 5_400_000].map(spellSpan)).toEqual([
      '10 s',
      '1 min',
      '1 min 30 s',
      '1 h',
      '1 h 30 min',
    ]);
  });

  test('excerpt() is one line, cut between letters', () => {
    expect(excerpt('a\n b')).toBe('a b');
    expect(excerpt('👩‍🚀👩‍🚀👩‍🚀', 2)).toBe('👩‍🚀👩‍🚀…');
  });

  test('gapText() says why', () => {
    expect(gapText('fork')).toBe('Some messages could not be recovered. The server was restored from a copy.');
  });

  test('summarizeReactions() counts and names, the reader first, and leaves out what was taken back', () => {
    const reactions = [
      { emoji: '👍', identities: ['ada', 'me'] },
      { emoji: '🎉', identities: [] },
    ];
    expect(summarizeReactions(reactions, 'me', nameOf)).toEqual([
      { emoji: '👍', count: 2, own: true, title: 'You and Ada reacted with 👍' },
    ]);
  });

  test('readBy() is the newest message that somebody read who did not write it', () => {
    const entries = [entry('me', 1, { seq: 1 }), entry('ada', 2, { seq: 2 }), entry('me', 3, { seq: undefined })];
    const markers = new Map([
      ['ada', { readSeq: 2 }],
      ['me', { readSeq: 2 }],
    ]);
    expect(readBy(entries, markers, 'me')).toEqual({ key: 'me-1', identities: ['ada'] });
    expect(readBy(entries, markers.set('ben', { readSeq: 9 }), 'me')).toEqual({ key: 'ada-2', identities: ['ben'] });
  });

  test('typingText() names who writes', () => {
    expect(typingText([])).toBe('');
    expect(typingText(['Ada'])).toBe('Ada is writing…');
    expect(typingText(['Ada', 'Ben'])).toBe('Ada and Ben are writing…');
  });

  test('writingHint() says a mute first, then how long slow mode lasts, and nothing of it to moderators', () => {
    const state = { slowModeMs: 10_000, mutedUntilMs: undefined, lastOwnAtMs: 5_000, isModerator: false, nowMs: 8_000 };
    expect(writingHint(state)).toEqual({ text: 'Slow mode: you can write again in 7 s.', blocks: true });
    expect(writingHint({ ...state, nowMs: 15_000 })).toMatchObject({ blocks: false });
    expect(writingHint({ ...state, isModerator: true })).toBeUndefined();
    expect(writingHint({ ...state, mutedUntilMs: 8_640_000_000_000_000 })?.text).toBe(
      'A moderator muted you in this chat. You can read, not write.',
    );
    expect(writingHint({ ...state, slowModeMs: 0, mutedUntilMs: 7_000 })).toBeUndefined();
  });
});
