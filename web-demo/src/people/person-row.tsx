import { isRinging } from '../phone/rung-people.ts';
import type { Moderation } from '../state/moderation.ts';
import type { Person, Sent } from '../state/roster.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { PersonMenu, type PersonQuestion } from './person-menu.tsx';

interface PersonRowProps {
  readonly person: Person;
  readonly speaking: boolean;
  readonly moderation: Moderation;
  readonly onMessage: (() => void) | undefined;
  readonly onAsk: (question: PersonQuestion) => void;
}

export function PersonRow({ person, speaking, moderation, onMessage, onAsk }: PersonRowProps) {
  const { sends } = person;
  return (
    <li
      class="person"
      data-peer={person.peerId}
      data-away={person.away}
      data-speaking={speaking && sends.get('microphone')?.paused === false}
    >
      <Avatar name={person.name} identity={person.identity} />
      <div class="person-text">
        <p class="person-name">
          <span>{person.name}</span>
          {person.self && <span class="tag">You</span>}
          {person.handRaised && (
            <span class="tag" data-tone="hand">
              <Icon name="hand" />
              <span class="visually-hidden">Hand raised</span>
            </span>
          )}
        </p>
        <p class="person-role">{roleOf(person, moderation)}</p>
      </div>
      {!person.chatOnly && !isRinging(person) && (
        <div class="person-media">
          {sends.has('screen') && <State icon="screen" text="Shares a screen" on />}
          <MediaState sent={sends.get('microphone')} word="Microphone" icons={['mic', 'micOff']} />
          {person.phone === undefined && (
            <MediaState sent={sends.get('camera')} word="Camera" icons={['camera', 'cameraOff']} />
          )}
        </div>
      )}
      {!person.self && <PersonMenu person={person} moderation={moderation} onMessage={onMessage} onAsk={onAsk} />}
    </li>
  );
}

/** Of others, only what shows is known: grants are between them and the server. */
function roleOf(person: Person, moderation: Moderation): string {
  if (person.away) return 'Connection lost';
  if (person.self) return moderation.isAllowed ? 'Moderator' : 'Participant';
  if (person.phone !== undefined) return phoneRoleOf(person.phone);
  if (person.chatOnly) return 'Writes in the chat';
  return person.sends.size === 0 ? 'Listens and watches' : 'Participant';
}

function phoneRoleOf({ number, ringing, held, muted }: NonNullable<Person['phone']>): string {
  const state = ringing ? 'rings' : held ? 'on hold' : muted ? 'muted by its keypad' : '';
  return ['By phone', number, state].filter((part) => part !== '').join(' · ');
}

interface MediaStateProps {
  readonly sent: Sent | undefined;
  readonly word: string;
  readonly icons: readonly [on: IconName, off: IconName];
}

function MediaState({ sent, word, icons: [on, off] }: MediaStateProps) {
  if (sent?.muted) {
    return (
      <State icon={sent.locked ? 'lock' : off} text={`${word} ${sent.locked ? 'locked' : 'muted'} by a moderator`} />
    );
  }
  const isOn = sent !== undefined && !sent.paused;
  return <State icon={isOn ? on : off} text={`${word} ${isOn ? 'on' : 'off'}`} on={isOn} />;
}

function State({ icon, text, on = false }: { icon: IconName; text: string; on?: boolean }) {
  return (
    <span class="media-state" data-on={on} title={text}>
      <Icon name={icon} />
      <span class="visually-hidden">{text}</span>
    </span>
  );
}
