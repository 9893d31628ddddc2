import type { Moderation } from '../state/moderation.ts';
import type { Person } from '../state/roster.ts';
import { Menu, type MenuItem } from '../ui/menu.tsx';

interface ModerationMenuProps {
  readonly person: Person;
  readonly moderation: Moderation;
  readonly onRemove: () => void;
}

export function ModerationMenu({ person, moderation, onRemove }: ModerationMenuProps) {
  return <Menu label={`Moderate ${person.name}`} items={moderationItems(person, moderation, onRemove)} />;
}

/** What can be done to a person now, from the mildest to the harshest. */
function moderationItems(person: Person, moderation: Moderation, onRemove: () => void): MenuItem[] {
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
  items.push({ icon: 'personOff', text: 'Remove from the room…', tone: 'danger', run: onRemove });
  return items;
}
