import type { Call } from '../state/call.ts';
import { Panel } from '../ui/panel.tsx';
import { PersonQuality } from './person-quality.tsx';
import { ScoreBars } from './score-bars.tsx';
import { wordsOf } from './score-words.ts';
import { TrackDetails } from './track-details.tsx';
import type { TrackHistory } from './track-history.ts';
import { sendersOf, type TrackSender } from './track-senders.ts';

/** Scores are the server's, which sees nothing of it. */
const directText = 'Direct: you send to each other, not through the server. It gives no scores for that.';

/** A longer list is cut: the worst come first. */
const rowsAtMost = 40;

interface KnownTrack extends TrackSender {
  readonly history: TrackHistory;
  readonly score: number | undefined;
}

/** How well this call goes: everybody's scores, and what was measured here of each track. */
export function QualityPanel({ call, onClose }: { readonly call: Call; readonly onClose: () => void }) {
  const { direct, roster, quality } = call;
  const scores = quality.peers.value;
  const own = scores.get(roster.self.value.peerId);
  const everybody = roster.people.value;
  const senders = sendersOf(everybody);
  const tracks = tracksOf(call, senders);
  const people = everybody
    .flatMap((person) => {
      const known = scores.get(person.peerId);
      return known !== undefined && known.score > 0 ? [{ person, quality: known }] : [];
    })
    .sort((one, other) => one.quality.score - other.quality.score)
    .slice(0, rowsAtMost);

  return (
    <Panel title="Call quality" class="quality" onClose={onClose}>
      <div class="quality-scroll">
        <p class="quality-own" data-bars={wordsOf(own?.score).bars}>
          <ScoreBars score={own?.score} />
          <span>{direct.isOn.value ? directText : ownText(own?.score)}</span>
        </p>
        <h3>Tracks</h3>
        {tracks.length === 0 && <p class="quality-none">Nothing was measured yet. It takes ten seconds.</p>}
        <ul class="track-list">
          {tracks.slice(0, rowsAtMost).map((track, index) => (
            <TrackDetails
              key={`${track.history.direction} ${track.history.producerId}`}
              {...track}
              opened={index === 0}
            />
          ))}
        </ul>
        {people.length > 0 && <h3>People</h3>}
        <ul class="quality-people">
          {people.map((known) => (
            <PersonQuality key={known.person.peerId} {...known} senders={senders} />
          ))}
        </ul>
      </div>
    </Panel>
  );
}

/** Those with the worst scores first; then one's own before those of others. */
function tracksOf({ roster, quality }: Call, senders: ReadonlyMap<string, TrackSender>): KnownTrack[] {
  const told = quality.peers.value.get(roster.self.value.peerId)?.tracks ?? [];
  const known = [...quality.histories.value.values()].flatMap((history) => {
    const { producerId, direction } = history;
    const sender = senders.get(producerId);
    const score = told.find((track) => track.producerId === producerId && track.direction === direction)?.score;
    return sender ? [{ history, ...sender, score }] : [];
  });
  return known.sort((one, other) => (one.score ?? 5) - (other.score ?? 5));
}

function ownText(score: number | undefined): string {
  const { bars, text } = wordsOf(score);
  if (bars === 0) return 'Your quality was not measured yet.';
  if (bars >= 3) return `${text}: others see and hear you, and you them, without trouble.`;
  return bars === 2
    ? 'Weak: some of the call comes late or not at all.'
    : 'Bad: much of the call comes late or not at all.';
}
