import type { PeerQuality, TrackQuality } from '@parley/client';
import type { Person } from '../state/roster.ts';
import { summaryText } from './metric-texts.ts';
import { ScoreBars } from './score-bars.tsx';
import type { TrackSender } from './track-senders.ts';
import { sourceNames } from './track-senders.ts';

interface PersonQualityProps {
  readonly person: Person;
  readonly quality: PeerQuality;
  readonly senders: ReadonlyMap<string, TrackSender>;
}

/** The score of somebody; for moderators with what is known of their tracks. */
export function PersonQuality({ person, quality, senders }: PersonQualityProps) {
  const name = person.self ? 'You' : person.name;
  if (person.self || quality.tracks.length === 0) {
    return (
      <li class="person-quality">
        <span class="track-name">{name}</span>
        <ScoreBars score={quality.score} />
      </li>
    );
  }
  return (
    <li>
      <details class="track-details">
        <summary>
          <ScoreBars score={quality.score} />
          <span class="track-name">{name}</span>
        </summary>
        <ul class="person-tracks">
          {quality.tracks.map((track) => (
            <li key={`${track.direction} ${track.producerId}`}>
              <ScoreBars score={track.score} />
              <span class="track-text">
                <span class="track-name">{nameOf(track, senders)}</span>
                <span class="track-numbers">{summaryText(track)}</span>
              </span>
            </li>
          ))}
        </ul>
      </details>
    </li>
  );
}

function nameOf({ direction, producerId }: TrackQuality, senders: ReadonlyMap<string, TrackSender>): string {
  const sender = senders.get(producerId);
  const source = sender === undefined ? 'track' : sourceNames[sender.source];
  if (direction === 'send') return `sends: ${source}`;
  return sender === undefined
    ? 'receives: track'
    : `receives: ${sender.person.self ? 'your' : `${sender.person.name},`} ${source}`;
}
