import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { EncryptionChoice } from '../encryption/encryption-choice.tsx';
import type { AppStore } from '../state/app-store.ts';
import { CopyLink } from '../ui/copy-link.tsx';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { JoinProgress } from './join-progress.tsx';
import { createRoomName, toRoomName } from './room-names.ts';

export function JoinForm({ app }: { app: AppStore }) {
  const name = app.preferences.current.value.name;
  const problems = useSignal<{ name?: string; room?: string }>({});
  const moderator = useSignal(false);
  const nameField = useRef<HTMLInputElement>(null);
  const roomField = useRef<HTMLInputElement>(null);
  const asksForToken = app.asksForToken.value;
  const room = toRoomName(app.room.value);

  const submit = (event: Event): void => {
    event.preventDefault();
    const found = {
      // With a token of one's own, the name is in it.
      ...(name.trim() === '' && app.token.value === '' && { name: 'Say who you are, so that others know.' }),
      ...(room === '' && { room: 'Use letters and digits, as in team-monday.' }),
    };
    problems.value = found;
    if ('name' in found) nameField.current?.focus();
    else if ('room' in found) roomField.current?.focus();
    else void app.join({ room, name: name.trim(), moderator: moderator.value });
  };

  return (
    <form class="join-form" noValidate onSubmit={submit} aria-label="Join a call">
      <h1>Ready to join?</h1>
      <p class="lead">Everyone with the link meets here.</p>

      <div class="field">
        <label for="name">Your name</label>
        <input
          ref={nameField}
          id="name"
          value={name}
          maxLength={64}
          autocomplete="name"
          placeholder="Ada Lovelace"
          aria-invalid={problems.value.name !== undefined}
          aria-describedby={problems.value.name === undefined ? undefined : 'name-problem'}
          onInput={(event) => app.preferences.update({ name: event.currentTarget.value })}
        />
        {problems.value.name !== undefined && (
          <p class="field-problem" id="name-problem" role="alert">
            {problems.value.name}
          </p>
        )}
      </div>

      <div class="field">
        <div class="field-head">
          <label for="room">Room</label>
          <CopyLink room={room} roomKey={app.key.value} class="inline" />
        </div>
        <div class="input-with-button">
          <input
            ref={roomField}
            id="room"
            value={app.room.value}
            maxLength={128}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            aria-invalid={problems.value.room !== undefined}
            aria-describedby={problems.value.room === undefined ? undefined : 'room-problem'}
            onInput={(event) => {
              app.room.value = event.currentTarget.value;
            }}
          />
          <IconButton
            icon="shuffle"
            label="Another room name"
            class="quiet"
            onClick={() => {
              app.room.value = createRoomName();
            }}
          />
        </div>
        {problems.value.room !== undefined && (
          <p class="field-problem" id="room-problem" role="alert">
            {problems.value.room}
          </p>
        )}
      </div>

      {asksForToken ? (
        <div class="field">
          <label for="token">Token</label>
          <input
            id="token"
            type="password"
            value={app.token.value}
            autocomplete="off"
            spellcheck={false}
            placeholder="Paste the token that you were given"
            onInput={(event) => {
              app.token.value = event.currentTarget.value.trim();
            }}
          />
        </div>
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

      {app.problem.value !== undefined && (
        <div class="callout" data-tone="problem" role="alert">
          <Icon name="alert" />
          <div>
            <strong>{app.problem.value.title}</strong>
            <p>{app.problem.value.advice}</p>
          </div>
        </div>
      )}

      <JoinProgress app={app} />
    </form>
  );
}
