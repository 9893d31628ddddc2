import { Icon } from './icon.tsx';
import { initials, isNumber, personHue } from './initials.ts';

/** Somebody without a picture: initials on the colour that is theirs everywhere; of a number it has none. */
export function Avatar({ name, identity }: { name: string; identity: string }) {
  return (
    <span class="avatar" style={{ '--hue': String(personHue(identity)) }} aria-hidden="true">
      {isNumber(name) ? <Icon name="phone" /> : initials(name)}
    </span>
  );
}
