import type { Rect } from '../call/grid-layout.ts';
import { Avatar } from '../ui/avatar.tsx';
import { personHue } from '../ui/initials.ts';
import type { CallLine, Leg } from './call-line.ts';
import type { Rung } from './rung-people.ts';

interface RungTileProps {
  readonly rung: Rung;
  readonly line: CallLine;
  readonly rect: Rect;
}

/** Somebody who is rung, in the place that they will have. */
export function RungTile({ rung: { identity, shown, number, state, leg }, line, rect }: RungTileProps) {
  return (
    <li
      class="tile rung-tile"
      data-state={state}
      style={{
        left: `${rect.left}px`,
        top: `${rect.top}px`,
        width: `${rect.width}px`,
        height: `${rect.height}px`,
        '--hue': String(personHue(identity)),
      }}
    >
      <div class="rung-body">
        <span class="incoming-ring" aria-hidden="true">
          <Avatar name={shown} identity={identity} />
        </span>
        <p class="rung-name">{shown}</p>
        <p class="rung-state">{[stateOf({ state }), number].filter((part) => part !== '').join(' · ')}</p>
        {leg !== undefined && (
          <button type="button" class="button small" onClick={() => void line.endLeg(leg)}>
            Stop calling<span class="visually-hidden"> {shown}</span>
          </button>
        )}
      </div>
    </li>
  );
}

export function stateOf({ state }: Pick<Leg, 'state'>): string {
  if (state === 'ringing') return 'Ringing…';
  return state === 'waiting' ? 'Is called next' : state === 'calling' ? 'Calling…' : 'Coming…';
}
