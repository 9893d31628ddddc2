/** As many bars as a score fills, of four. */
export type Bars = 0 | 1 | 2 | 3 | 4;

export interface ScoreWords {
  readonly bars: Bars;
  readonly text: string;
}

/** What a score of 1 to 5 means to people; 0 or undefined: nothing is known. */
export function wordsOf(score: number | undefined): ScoreWords {
  if (!score) return { bars: 0, text: 'Not measured' };
  if (score >= 4.2) return { bars: 4, text: 'Very good' };
  if (score >= 3.5) return { bars: 3, text: 'Good' };
  if (score >= 2.5) return { bars: 2, text: 'Weak' };
  return { bars: 1, text: 'Bad' };
}

/** Whether others are to see it without looking for it. */
export function isTrouble(score: number | undefined): boolean {
  const { bars } = wordsOf(score);
  return bars === 1 || bars === 2;
}
