import { initials, personHue } from './initials.ts';

/** Somebody without a picture: initials on the colour that is theirs everywhere. */
export function Avatar({ name, identity }: { name: string; identity: string }) {
  return (
    <span class="avatar" style={{ '--hue': String(personHue(identity)) }} aria-hidden="true">
      {initials(name)}
    </span>
  );
}
