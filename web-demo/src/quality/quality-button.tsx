import type { Call } from '../state/call.ts';
import { ScoreBars } from './score-bars.tsx';
import { wordsOf } from './score-words.ts';

/** Shows how well one's own call goes, and opens what there is to know about it. */
export function QualityButton({ call }: { readonly call: Call }) {
  const { direct, panel, quality, roster } = call;
  const score = quality.peers.value.get(roster.self.value.peerId)?.score;
  return (
    <button
      type="button"
      class="quality-button"
      aria-label={`Call quality: ${direct.isOn.value ? 'direct' : wordsOf(score).text}`}
      aria-expanded={panel.value === 'quality'}
      onClick={() => {
        panel.value = panel.peek() === 'quality' ? undefined : 'quality';
      }}
    >
      <ScoreBars score={score} />
    </button>
  );
}
