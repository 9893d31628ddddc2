import type { TrackSource } from '@parley/client';
import { useSignal } from '@preact/signals';
import type { Person } from '../state/roster.ts';
import { metricNames, summaryText } from './metric-texts.ts';
import { Plot } from './plot.tsx';
import { ScoreBars } from './score-bars.tsx';
import { metrics, type TrackHistory } from './track-history.ts';
import { sourceNames } from './track-senders.ts';

interface TrackDetailsProps {
  readonly history: TrackHistory;
  readonly person: Person;
  readonly source: TrackSource;
  readonly score: number | undefined;
  readonly opened: boolean;
}

export function TrackDetails({ history, person, source, score, opened }: TrackDetailsProps) {
  const isOpen = useSignal(opened);
  const name = person.self ? `Your ${sourceNames[source]}` : `${person.name}, ${sourceNames[source]}`;
  const isPicture = source === 'camera' || source === 'screen';
  return (
    <li>
      <details
        class="track-details"
        open={isOpen.value}
        onToggle={(event) => {
          isOpen.value = event.currentTarget.open;
        }}
      >
        <summary>
          <ScoreBars score={score} />
          <span class="track-text">
            <span class="track-name">{name}</span>
            <span class="track-numbers">{summaryText(history.latest)}</span>
          </span>
        </summary>
        {isOpen.value && (
          <div class="plots">
            {metrics
              .filter((metric) => metric !== 'framesPerSecond' || isPicture)
              .map((metric) => (
                <Plot key={metricNames[metric]} history={history} metric={metric} />
              ))}
          </div>
        )}
      </details>
    </li>
  );
}
