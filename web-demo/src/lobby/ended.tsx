import type { Explanation } from '../errors/explanation.ts';
import type { AppStore } from '../state/app-store.ts';
import { Page } from '../ui/page.tsx';
import { createRoomName } from './room-names.ts';

/** After a call: why it is over, and the ways back. */
export function Ended({ app, explanation }: { app: AppStore; explanation: Explanation }) {
  const startAnew = (): void => {
    app.room.value = createRoomName();
    app.returnToLobby();
  };
  return (
    <Page class="ended">
      <h1>{explanation.title}</h1>
      <p class="lead">{explanation.advice}</p>
      <div class="ended-actions">
        <button type="button" class="button primary" onClick={() => app.returnToLobby()}>
          Join again
        </button>
        <button type="button" class="button" onClick={startAnew}>
          Open a new room
        </button>
      </div>
    </Page>
  );
}
