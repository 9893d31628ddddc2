import type { Moderation } from '../state/moderation.ts';
import type { Person } from '../state/roster.ts';
import { Menu, type MenuItem } from '../ui/menu.tsx';

/** What a dialog asks about a person before it is done. */
export type PersonQuestion = 'remove' | 'ban' | 'silence';

interface PersonMenuProps {
  readonly person: Person;
  readonly moderation: Moderation;
  readonly onMessage: (() => void) | undefined;
  readonly onAsk: (question: PersonQuestion) => void;
}

/** What can be done with a person; the list of a moderator is longer. */
export function PersonMenu({ person, moderation, onMessage, onAsk }: PersonMenuProps) {
  const items: MenuItem[] = [];
  if (onMessage !== undefined && person.phone === undefined)
    items.push({ icon: 'chat', text: 'Message', run: onMessage });
  if (moderation.isAllowed) items.push(...moderationItems(person, moderation, onAsk));
  if (items.length === 0) return null;
  const label = moderation.isAllowed ? `Moderate ${person.name}` : `More for ${person.name}`;
  return <Menu label={label} items={items} />;
}

/** From the mildest to the harshest. */
function moderationItems(
  person: Person,
  moderation: Moderation,
  onAsk: (question: PersonQuestion) => void,
): MenuItem[] {
  const items: MenuItem[] = [];
  const microphone = person.sends.get('microphone');
  const camera = person.sends.get('camera');
  const screen = person.sends.get('screen');
  if (microphone !== undefined && !microphone.muted) {
    items.push(
      { icon: 'micOff', text: 'Mute', run: () => moderation.mute(microphone, { muted: true }) },
      {
        icon: 'lock',
        text: 'Mute and keep muted',
        run: () => moderation.mute(microphone, { muted: true, lock: true }),
      },
    );
  }
  if (person.handRaised) {
    items.push({ icon: 'hand', text: 'Take their hand down', run: () => moderation.lowerHand(person) });
  }
  if (microphone === undefined || microphone.paused) {
    items.push({ icon: 'mic', text: 'Ask to unmute', run: () => moderation.requestUnmute(person) });
  }
  if (microphone?.muted) {
    items.push({ icon: 'mic', text: 'Allow to speak', run: () => moderation.mute(microphone, { muted: false }) });
  }
  if (camera !== undefined) {
    items.push(
      camera.muted
        ? { icon: 'camera', text: 'Allow video', run: () => moderation.mute(camera, { muted: false }) }
        : { icon: 'cameraOff', text: 'Turn camera off', run: () => moderation.mute(camera, { muted: true }) },
    );
  }
  if (screen !== undefined) {
    items.push(
      screen.muted
        ? { icon: 'screen', text: 'Allow screen', run: () => moderation.mute(screen, { muted: false }) }
        : { icon: 'screenOff', text: 'Hide the screen', run: () => moderation.mute(screen, { muted: true }) },
    );
  }
  const isSilenced = moderation.silenced.value.some(({ identity }) => identity === person.identity);
  items.push(
    isSilenced
      ? { icon: 'chat', text: 'Allow to write', run: () => moderation.unsilence(person) }
      : { icon: 'clock', text: 'Mute in the chat…', run: () => onAsk('silence') },
    { icon: 'personOff', text: 'Remove from the room…', tone: 'danger', run: () => onAsk('remove') },
    { icon: 'ban', text: 'Ban for a time…', tone: 'danger', run: () => onAsk('ban') },
  );
  return items;
}
