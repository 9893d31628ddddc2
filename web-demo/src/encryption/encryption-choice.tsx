import type { AppStore } from '../state/app-store.ts';
import { createRoomKey } from './room-key.ts';

/** In the lobby: whether the call is for those alone who have the whole link. */
export function EncryptionChoice({ app }: { readonly app: AppStore }) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={app.key.value !== undefined}
        onChange={(event) => {
          // The key that the link brought, when it was switched off by mistake.
          app.key.value = event.currentTarget.checked ? (app.linkKey ?? createRoomKey()) : undefined;
        }}
      />
      <span>
        End-to-end encrypted<small>Only who has the whole link sees and hears you. No recordings</small>
      </span>
    </label>
  );
}
