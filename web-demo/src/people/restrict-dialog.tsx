import { useSignal } from '@preact/signals';
import type { Moderation } from '../state/moderation.ts';
import type { Person } from '../state/roster.ts';
import { Dialog } from '../ui/dialog.tsx';
import { type DurationKey, durationKeys, durations } from './durations.ts';

interface RestrictDialogProps {
  readonly person: Person;
  /** `ban`: out of the room. `silence`: in it, but not writing. */
  readonly what: 'ban' | 'silence';
  readonly moderation: Moderation;
  readonly onClose: () => void;
}

/** For how long somebody is kept out or silent. */
export function RestrictDialog({ person, what, moderation, onClose }: RestrictDialogProps) {
  const chosen = useSignal<DurationKey>('hour');
  const explanation = useSignal('');
  const isBan = what === 'ban';
  const restrict = (event: Event): void => {
    event.preventDefault();
    onClose();
    const { durationMs } = durations[chosen.value];
    void (isBan
      ? moderation.ban(person, durationMs, explanation.value.trim())
      : moderation.silence(person, durationMs));
  };
  return (
    <Dialog title={isBan ? `Ban ${person.name}?` : `Mute ${person.name} in the chat?`} onClose={onClose}>
      <form onSubmit={restrict}>
        <p>
          {isBan
            ? 'They leave at once and cannot join again until the time is over.'
            : 'They stay in the call and can read the chat, but not write in it.'}
        </p>
        <div class="field">
          <label for="duration">For how long</label>
          <select
            id="duration"
            value={chosen.value}
            onChange={(event) => {
              const key = durationKeys.find((one) => one === event.currentTarget.value);
              if (key !== undefined) chosen.value = key;
            }}
          >
            {durationKeys.map((key) => (
              <option key={key} value={key}>
                {durations[key].text}
              </option>
            ))}
          </select>
        </div>
        {isBan && (
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
            {isBan ? 'Ban' : 'Mute'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
