import { useSignal } from '@preact/signals';
import type { Moderation } from '../state/moderation.ts';
import type { Person } from '../state/roster.ts';
import { Dialog } from '../ui/dialog.tsx';

interface RemoveDialogProps {
  readonly person: Person;
  readonly moderation: Moderation;
  readonly onClose: () => void;
}

export function RemoveDialog({ person, moderation, onClose }: RemoveDialogProps) {
  const explanation = useSignal('');
  const remove = (event: Event): void => {
    event.preventDefault();
    onClose();
    void moderation.remove(person, explanation.value.trim());
  };
  return (
    <Dialog title={`Remove ${person.name}?`} onClose={onClose}>
      <form onSubmit={remove}>
        <p>They leave the call at once and stay out until you allow them back.</p>
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
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            Keep them
          </button>
          <button type="submit" class="button danger">
            Remove
          </button>
        </div>
      </form>
    </Dialog>
  );
}
