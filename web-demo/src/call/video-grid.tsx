import type { TrackSource } from '@parley/client';
import { useEffect, useRef } from 'preact/hooks';
import { isRinging, rungOf } from '../phone/rung-people.ts';
import { RungTile } from '../phone/rung-tile.tsx';
import type { Call } from '../state/call.ts';
import type { Capture } from '../state/capture.ts';
import type { Person } from '../state/roster.ts';
import { chooseTiles, tilesAtMost } from './choose-tiles.ts';
import { layoutGrid, type Rect } from './grid-layout.ts';
import { layoutStage } from './stage-layout.ts';
import { Tile } from './tile.tsx';
import { useSize } from './use-size.ts';

/** Of many who are rung at once the panel has a list. */
const rungAtMost = 9;

const unseen = { width: 0, height: 0, hidden: true };

/** Everybody in the call, as large as the window allows; a shared screen takes most of it. */
export function VideoGrid({ call, capture }: { call: Call; capture: Capture }) {
  const list = useRef<HTMLUListElement>(null);
  const area = useSize(list).value;
  const { roster } = call;
  const everybody = roster.people.value;
  const people = everybody.filter((person) => !isRinging(person));
  const activeSpeaker = roster.activeSpeaker.value;
  const sharing = people.find((person) => person.sends.has('screen'));

  // Those who are rung have a place already: they may come any moment.
  const rung = rungOf(call.line.rung.value, everybody, call.line.call.value?.callId).slice(0, rungAtMost);
  const count = chooseTiles(people, activeSpeaker, tilesAtMost).shown.length + rung.length;
  const { stage, rects } = layOut(area, count, sharing !== undefined);
  const { shown, hidden } = chooseTiles(people, activeSpeaker, Math.max(1, rects.length - rung.length));

  useEffect(() => {
    const cameras = new Set(shown.map(({ peerId }) => peerId));
    for (const [peerId, tracks] of roster.received.value) {
      // A tile says by itself how large it is; who has none is not sent to this page.
      if (!cameras.has(peerId)) tracks.get('camera')?.setView(unseen);
      if (peerId !== sharing?.peerId) tracks.get('screen')?.setView(unseen);
    }
  });

  const tile = (person: Person, source: 'camera' | 'screen', rect: Rect) => {
    const remote = person.self ? undefined : roster.received.value.get(person.peerId)?.get(source);
    const isUnreadable = call.encryption.problems.value.has(person.peerId);
    return (
      <Tile
        key={`${person.peerId}/${source}`}
        person={person}
        source={source}
        rect={rect}
        remote={remote}
        held={isHeld(call, person)}
        keys={call.keys.byPeer.value.get(person.peerId) ?? ''}
        score={call.quality.peers.value.get(person.peerId)?.score}
        unreadable={isUnreadable}
        track={
          person.self
            ? ownTrack(call, capture, person, source)
            : remote?.paused || isUnreadable
              ? undefined
              : remote?.track
        }
        speaking={source === 'camera' && roster.speakers.value.has(person.peerId)}
      />
    );
  };

  return (
    <div class="grid">
      <ul ref={list} class="tiles" aria-label="People in the call">
        {sharing !== undefined && stage !== undefined && tile(sharing, 'screen', stage)}
        {shown.map((person, index) => {
          const rect = rects[index];
          return rect === undefined ? null : tile(person, 'camera', rect);
        })}
        {rung.map((one, index) => {
          const rect = rects[shown.length + index];
          return rect === undefined ? null : <RungTile key={one.key} rung={one} line={call.line} rect={rect} />;
        })}
      </ul>
      {hidden > 0 && (
        <button
          type="button"
          class="more-people"
          onClick={() => {
            call.panel.value = 'people';
          }}
        >
          {hidden} more
        </button>
      )}
    </div>
  );
}

/** Their phones say so of themselves; of browsers the call knows. */
function isHeld({ line }: Call, { peerId, self, phone }: Person): boolean {
  return self ? line.held.value : (phone?.held ?? false) || (line.byPeer.value.get(peerId)?.held ?? false);
}

function layOut(area: { widthPx: number; heightPx: number }, count: number, withStage: boolean) {
  if (!withStage) return { stage: undefined, rects: layoutGrid(area, count) };
  const { stage, strip } = layoutStage(area, count);
  return { stage, rects: strip };
}

/** One's own picture comes from the camera itself; it is gone when nobody else would see it. */
function ownTrack(call: Call, capture: Capture, self: Person, source: TrackSource): MediaStreamTrack | undefined {
  if (source === 'screen') return call.screen.track.value;
  const camera = capture.camera.value;
  return camera.status === 'on' && self.sends.get('camera')?.paused !== true ? camera.track : undefined;
}
