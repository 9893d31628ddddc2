import { useSignal } from '@preact/signals';
import type { Moderation } from '../state/moderation.ts';
import type { Person } from '../state/roster.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { type DurationKey, durationKeys, durations } from './durations.ts';
import type { PersonQuestion } from './person-menu.tsx';

interface PersonDialogProps {
  readonly person: Person;
  readonly question: PersonQuestion;
  readonly moderation: Moderation;
  readonly onClose: () => void;
}

interface Wording {
  readonly title: (name: string) => string;
  readonly text: string;
  readonly action: string;
  readonly asks: readonly ('duration' | 'explanation')[];
}

const wordings: Readonly<Record<PersonQuestion, Wording>> = {
  silence: {
    title: (name) => `Mute ${name} in the chat?`,
    text: 'They stay in the call and can read the chat, but not write in it.',
    action: 'Mute',
    asks: ['duration'],
  },
  remove: {
    title: (name) => `Remove ${name}?`,
    text: 'They leave the call at once and stay out until you allow them back.',
    action: 'Remove',
    asks: ['explanation'],
  },
  ban: {
    title: (name) => `Ban ${name}?`,
    text: 'They leave the call at once and cannot join again until the time is over.',
    action: 'Ban',
    asks: ['duration', 'explanation'],
  },
};

/** Asks before somebody is kept out or silenced: for how long, and with which word to them. */
export function PersonDialog({ person, question, moderation, onClose }: PersonDialogProps) {
  const duration = useSignal<DurationKey>('hour');
  const explanation = useSignal('');
  const { title, text, action, asks } = wordings[question];
  const act = (event: Event): void => {
    event.preventDefault();
    onClose();
    const { durationMs } = durations[duration.value];
    const word = explanation.value.trim();
    if (question === 'silence') void moderation.silence(person, durationMs);
    else if (question === 'ban') void moderation.ban(person, durationMs, word);
    else void moderation.remove(person, word);
  };
  return (
    <Dialog title={title(person.name)} onClose={onClose}>
      <form onSubmit={act}>
        <p>{text}</p>
        {asks.includes('duration') && (
          <div class="field">
            <label for="duration">For how long</label>
            <div class="select-box">
              <select
                id="duration"
                value={duration.value}
                onChange={(event) => {
                  const key = durationKeys.find((one) => one === event.currentTarget.value);
                  if (key !== undefined) duration.value = key;
                }}
              >
                {durationKeys.map((key) => (
                  <option key={key} value={key}>
                    {durations[key].text}
                  </option>
                ))}
              </select>
              <Icon name="chevronDown" />
            </div>
          </div>
        )}
        {asks.includes('explanation') && (
          <div class="field">
            <label for="explanation">A word to them (optional)</label>
            <input
              id="explanation"
              value={explanation.value}
              maxLength={120}
              autocomplete="off"
              onInput={(event) => {
                explanation.value = event.currentTarget.value;
              }}
            />
          </div>
        )}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button danger">
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
