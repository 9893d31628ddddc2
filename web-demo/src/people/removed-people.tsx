import type { Moderation, RemovedPerson } from '../state/moderation.ts';

const moment = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: 'numeric',
  minute: '2-digit',
});

/** Who is kept out and who may not write, with the way back; moderators see it. */
export function RemovedPeople({ moderation }: { moderation: Moderation }) {
  return (
    <>
      <Restricted
        id="removed-title"
        title="Kept out"
        people={moderation.removed.value}
        action="Allow back"
        onEnd={moderation.allow}
      />
      <Restricted
        id="silenced-title"
        title="Muted in the chat"
        people={moderation.silenced.value}
        action="Allow to write"
        onEnd={moderation.unsilence}
      />
    </>
  );
}

interface RestrictedProps {
  readonly id: string;
  readonly title: string;
  readonly people: readonly RemovedPerson[];
  readonly action: string;
  readonly onEnd: (person: RemovedPerson) => Promise<void>;
}

function Restricted({ id, title, people, action, onEnd }: RestrictedProps) {
  if (people.length === 0) return null;
  return (
    <section class="removed" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      <ul>
        {people.map((person) => (
          <li key={person.identity}>
            <span>
              {person.name}
              {person.untilMs !== undefined && <small>until {moment.format(person.untilMs)}</small>}
            </span>
            <button type="button" class="button small" onClick={() => void onEnd(person)}>
              {action}
              <span class="visually-hidden"> {person.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
