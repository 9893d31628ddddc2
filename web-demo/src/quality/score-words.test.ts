import { expect, test } from 'vitest';
import { isTrouble, wordsOf } from './score-words.ts';

test.each([
  [undefined, 0, false],
  [0, 0, false],
  [1, 1, true],
  [2.49, 1, true],
  [2.5, 2, true],
  [3.5, 3, false],
  [4.2, 4, false],
  [5, 4, false],
])('a score of %s is %i bars', (score, bars, trouble) => {
  expect([wordsOf(score).bars, isTrouble(score)]).toEqual([bars, trouble]);
});
