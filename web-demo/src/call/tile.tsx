import { observeView, type RemoteTrack } from '@parley/client';
import { useEffect, useRef } from 'preact/hooks';
import { ScoreBars } from '../quality/score-bars.tsx';
import { isTrouble } from '../quality/score-words.ts';
import type { Person } from '../state/roster.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { personHue } from '../ui/initials.ts';
import { Video } from '../ui/video.tsx';
import type { Rect } from './grid-layout.ts';

interface TileProps {
  readonly person: Person;
  readonly source: 'camera' | 'screen';
  readonly rect: Rect;
  /** The picture, when there is one to show now. */
  readonly track: MediaStreamTrack | undefined;
  /** What `track` belongs to, when it comes from somebody else. */
  readonly remote: RemoteTrack | undefined;
  readonly speaking: boolean;
  /** Nothing of theirs can be decrypted: they have another key. */
  readonly unreadable: boolean;
  /** How well their call goes, 1 to 5. */
  readonly score: number | undefined;
  /** On hold, by themselves or by somebody else of the call. */
  readonly held: boolean;
  /** What their phone has pressed lately. */
  readonly keys: string;
}

export function Tile({ person, source, rect, track, remote, speaking, unreadable, score, held, keys }: TileProps) {
  const isScreen = source === 'screen';
  const microphone = person.sends.get('microphone');
  const silent = microphone === undefined || microphone.paused || person.phone?.muted === true;
  const isPhone = person.phone !== undefined;
  const box = useRef<HTMLLIElement>(null);

  useEffect(() => {
    if (remote !== undefined && box.current !== null) return observeView(remote, box.current);
    return undefined;
  }, [remote]);

  const label = isScreen ? screenLabel(person) : person.self ? 'You' : person.name;
  return (
    <li
      ref={box}
      class="tile"
      data-peer={person.peerId}
      data-source={source}
      // Somebody who is muted does not speak, even when the sound of their screen is the loudest.
      data-speaking={speaking && !silent}
      data-away={person.away}
      data-held={held}
      style={{
        left: `${rect.left}px`,
        top: `${rect.top}px`,
        width: `${rect.width}px`,
        height: `${rect.height}px`,
        '--hue': String(personHue(person.identity)),
      }}
    >
      {!isScreen && <Avatar name={person.name} identity={person.identity} />}
      {track !== undefined && <Video track={track} mirrored={person.self && !isScreen} />}
      {person.away && <p class="tile-away">Connection lost. Waiting for {person.name}…</p>}
      {unreadable && !person.away && (
        <p class="tile-away tile-locked">
          <Icon name="lock" />
          <span>Not decrypted: {person.name} uses another key</span>
        </p>
      )}
      <div class="tile-foot">
        <p class="tile-label">
          {isScreen && <Icon name="screen" />}
          {!isScreen && isPhone && (
            <span class="tile-phone">
              <Icon name="phone" />
            </span>
          )}
          {!isScreen && silent && <Icon name="micOff" />}
          <span class="tile-name">{label}</span>
          {!isScreen && isTrouble(score) && <ScoreBars score={score} />}
          {!isScreen && isPhone && <span class="visually-hidden">, by phone</span>}
          {!isScreen && silent && <span class="visually-hidden">, microphone off</span>}
        </p>
        {!isScreen && <TileMarks handRaised={person.handRaised} held={held} keys={keys} />}
      </div>
    </li>
  );
}

function screenLabel(person: Person): string {
  return person.self ? 'You share your screen' : `${person.name} shares a screen`;
}

function TileMarks({ handRaised, held, keys }: Pick<TileProps, 'held' | 'keys'> & Pick<Person, 'handRaised'>) {
  return (
    <p class="tile-marks">
      {keys !== '' && (
        <span class="tile-mark" data-mark="keys">
          <Icon name="keypad" />
          <span class="visually-hidden">Pressed </span>
          {keys}
        </span>
      )}
      {handRaised && (
        <span class="tile-mark" data-mark="hand">
          <Icon name="hand" />
          <span class="visually-hidden">Hand raised</span>
        </span>
      )}
      {held && (
        <span class="tile-mark" data-mark="held">
          <Icon name="pause" />
          On hold
        </span>
      )}
    </p>
  );
}
