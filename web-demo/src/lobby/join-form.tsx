import { useSignal } from '@preact/signals';
import { EncryptionChoice } from '../encryption/encryption-choice.tsx';
import type { AppStore } from '../state/app-store.ts';
import { CopyLink } from '../ui/copy-link.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { ProblemCallout } from '../ui/problem-callout.tsx';
import { TextField } from '../ui/text-field.tsx';
import { JoinProgress } from './join-progress.tsx';
import { createRoomName, toRoomName } from './room-names.ts';
import { isNameMissing, NameField, nameFieldId, TokenField } from './who-fields.tsx';

const roomFieldId = 'room';

export function JoinForm({ app }: { app: AppStore }) {
  const problems = useSignal<{ name?: string; room?: string }>({});
  const moderator = useSignal(false);
  const room = toRoomName(app.room.value);

  const submit = (event: Event): void => {
    event.preventDefault();
    const found = {
      ...(isNameMissing(app) && { name: 'Say who you are, so that others know.' }),
      ...(room === '' && { room: 'Use letters and digits, as in team-monday.' }),
    };
    problems.value = found;
    if ('name' in found) document.getElementById(nameFieldId)?.focus();
    else if ('room' in found) document.getElementById(roomFieldId)?.focus();
    else {
      const name = app.preferences.current.peek().name.trim();
      void app.join({ room, name, moderator: moderator.value });
    }
  };

  return (
    <form class="join-form" noValidate onSubmit={submit} aria-label="Join a call">
      <h1>Ready to join?</h1>
      <p class="lead">Everyone with the link meets here.</p>
      <NameField app={app} problem={problems.value.name} />
      <TextField
        id={roomFieldId}
        label="Room"
        value={app.room.value}
        maxLength={128}
        problem={problems.value.room}
        head={<CopyLink room={room} roomKey={app.key.value} class="inline" />}
        button={
          <IconButton
            icon="shuffle"
            label="Another room name"
            class="quiet"
            onClick={() => {
              app.room.value = createRoomName();
            }}
          />
        }
        onInput={(text) => {
          app.room.value = text;
        }}
      />
      {app.asksForToken.value ? (
        <TokenField app={app} />
      ) : (
        <label class="check">
          <input
            type="checkbox"
            checked={moderator.value}
            onChange={(event) => {
              moderator.value = event.currentTarget.checked;
            }}
          />
          <span>
            Join as a moderator<small>Can mute others and remove them</small>
          </span>
        </label>
      )}
      <EncryptionChoice app={app} />
      <ProblemCallout problem={app.problem.value} />
      <JoinProgress app={app} />
    </form>
  );
}
