import type { PreferenceStore } from '../state/preferences.ts';
import { Dialog } from '../ui/dialog.tsx';
import { shortcuts } from './shortcuts.ts';

/** The keys, and the way to turn them off. */
export function ShortcutsHelp({ preferences, onClose }: { preferences: PreferenceStore; onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl class="shortcuts">
        {Object.values(shortcuts).map(({ key, about }) => (
          <div key={key}>
            <dt>
              <kbd>{key.toUpperCase()}</kbd>
            </dt>
            <dd>{about}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={preferences.current.value.shortcuts}
          onChange={(event) => preferences.update({ shortcuts: event.currentTarget.checked })}
        />
        <span>Use these keys</span>
      </label>
    </Dialog>
  );
}
