import type { Rect } from '../call/grid-layout.ts';
import { Avatar } from '../ui/avatar.tsx';
import { personHue } from '../ui/initials.ts';
import type { CallLine, Leg } from './call-line.ts';

interface RungTileProps {
  readonly leg: Leg;
  readonly line: CallLine;
  readonly rect: Rect;
}

/** Somebody who is rung, in the place that they will have. */
export function RungTile({ leg, line, rect }: RungTileProps) {
  return (
    <li
      class="tile rung-tile"
      data-leg={leg.legId}
      data-state={leg.state}
      style={{
        left: `${rect.left}px`,
        top: `${rect.top}px`,
        width: `${rect.width}px`,
        height: `${rect.height}px`,
        '--hue': String(personHue(leg.identity)),
      }}
    >
      <div class="rung-body">
        <span class="incoming-ring" aria-hidden="true">
          <Avatar name={leg.shown} identity={leg.identity} />
        </span>
        <p class="rung-name">{leg.shown}</p>
        <p class="rung-state">{stateOf(leg)}</p>
        <button type="button" class="button small" onClick={() => void line.endLeg(leg)}>
          Stop calling<span class="visually-hidden"> {leg.shown}</span>
        </button>
      </div>
    </li>
  );
}

export function stateOf({ state }: Pick<Leg, 'state'>): string {
  if (state === 'ringing') return 'Ringing…';
  return state === 'waiting' ? 'Is called next' : state === 'calling' ? 'Calling…' : 'Coming…';
}
