import { Avatar } from '../ui/avatar.tsx';
import type { Mentionable } from './mentions.ts';

interface MentionListProps {
  readonly id: string;
  readonly people: readonly Mentionable[];
  readonly chosen: number;
  readonly onChoose: (person: Mentionable) => void;
}

/** Who can be mentioned. The focus stays in the text: the field says which one is chosen. */
export function MentionList({ id, people, chosen, onChoose }: MentionListProps) {
  return (
    <div id={id} class="mention-list" role="listbox" aria-label="People to mention">
      {people.map((person, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the text field keeps the focus, as aria-activedescendant says
        <div
          key={person.identity}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === chosen}
          onPointerDown={(event) => {
            // The text field keeps the focus.
            event.preventDefault();
            onChoose(person);
          }}
        >
          <Avatar name={person.name} identity={person.identity} />
          {person.name}
        </div>
      ))}
    </div>
  );
}
