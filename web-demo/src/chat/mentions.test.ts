import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findMentionable, insertMention, mentionQuery, mentionsIn, splitMentions } from './mentions.ts';

const ada = { identity: 'a', name: 'Ada' };
const adaL = { identity: 'al', name: 'Ada Lovelace' };
const ben = { identity: 'b', name: 'Ben' };

describe('mentions', () => {
  test('mentionQuery() is what is written behind an @ at the caret, and not in an address', () => {
    expect(mentionQuery('hi @Ad', 6)).toEqual({ start: 3, text: 'ad' });
    expect(mentionQuery('@', 1)).toEqual({ start: 0, text: '' });
    expect(mentionQuery('mail@example', 12)).toBeUndefined();
    expect(mentionQuery('hi @ Ada', 8)).toBeUndefined();
    expect(mentionQuery('nothing', 7)).toBeUndefined();
  });

  test('findMentionable() offers the beginnings of names, then of their words', () => {
    expect(findMentionable([ben, adaL, ada], 'a')).toEqual([ada, adaL]);
    expect(findMentionable([ben, adaL], 'love')).toEqual([adaL]);
    expect(findMentionable([ben, adaL], 'x')).toEqual([]);
  });

  test('insertMention() puts the name where the query was, and the caret behind it', () => {
    expect(insertMention('hi @ad there', { start: 3, text: 'ad' }, 'Ada')).toEqual({ text: 'hi @Ada there', caret: 8 });
  });

  test('mentionsIn() names those whose whole names stand in the text, once', () => {
    expect(mentionsIn('@Ada, and @Ada again; @Benjamin', [ada, ben])).toEqual(['a']);
  });

  test('splitMentions() marks the longest name, and its parts together are the text', () => {
    expect(splitMentions('Hi @Ada Lovelace!', [ada, adaL])).toEqual([
      { text: 'Hi ', identity: undefined },
      { text: '@Ada Lovelace', identity: 'al' },
      { text: '!', identity: undefined },
    ]);
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom('@Ada', ' ', '@Ada Lovelace', '@', 'x'), fc.string())), (drawn) => {
        const text = drawn.join('');
        expect(
          splitMentions(text, [ada, adaL])
            .map((part) => part.text)
            .join(''),
        ).toBe(text);
      }),
    );
  });
});
