import type { Moderation } from '../state/moderation.ts';

/** Who is kept out, with the way back in; moderators see it. */
export function RemovedPeople({ moderation }: { moderation: Moderation }) {
  const removed = moderation.removed.value;
  if (removed.length === 0) return null;
  return (
    <section class="removed" aria-labelledby="removed-title">
      <h3 id="removed-title">Kept out</h3>
      <ul>
        {removed.map((person) => (
          <li key={person.identity}>
            <span>{person.name}</span>
            <button type="button" class="button small" onClick={() => void moderation.allow(person)}>
              Allow back<span class="visually-hidden"> {person.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
