import { expect, test } from 'vitest';
import { markWords } from './mark-words.ts';

const marked = (text: string, query: string): string =>
  markWords(text, query)
    .map((part) => (part.found ? `[${part.text}]` : part.text))
    .join('');

test('markWords() sets the beginnings of words apart, in whatever case', () => {
  expect(marked('The plan of a Planet, unplanned', 'plan')).toBe('The [plan] of a [Plan]et, unplanned');
  expect(marked('über Öl', 'öl üb')).toBe('[üb]er [Öl]');
});

test('markWords() takes what is written as words, not as a pattern', () => {
  expect(marked('a.b (c)', '.* (c')).toBe('a.b ([c])');
  expect(marked('nothing to find', '…')).toBe('nothing to find');
});
