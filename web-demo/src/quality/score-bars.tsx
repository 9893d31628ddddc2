import { wordsOf } from './score-words.ts';

/** How well it goes, as four bars; the words are for screen readers. */
export function ScoreBars({ score }: { readonly score: number | undefined }) {
  const { bars, text } = wordsOf(score);
  return (
    <span class="score-bars" data-bars={bars} title={text}>
      {[1, 2, 3, 4].map((bar) => (
        <span key={bar} class="score-bar" data-on={bar <= bars} aria-hidden="true" />
      ))}
      <span class="visually-hidden">{text}</span>
    </span>
  );
}
