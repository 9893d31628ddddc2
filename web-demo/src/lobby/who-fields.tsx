// Who one is: asked before a room is joined, and before one calls.

import type { AppStore } from '../state/app-store.ts';
import { TextField } from '../ui/text-field.tsx';

interface NameFieldProps {
  readonly app: AppStore;
  readonly problem: string | undefined;
}

export const nameFieldId = 'name';

export function NameField({ app, problem }: NameFieldProps) {
  return (
    <TextField
      id={nameFieldId}
      label="Your name"
      value={app.preferences.current.value.name}
      maxLength={64}
      autocomplete="name"
      placeholder="Ada Lovelace"
      problem={problem}
      onInput={(name) => app.preferences.update({ name })}
    />
  );
}

/** With a token of one's own the name is in it, and none is asked for. */
export function isNameMissing({ preferences, token }: AppStore): boolean {
  return preferences.current.peek().name.trim() === '' && token.peek() === '';
}

/** Where the server gives out none. */
export function TokenField({ app }: { readonly app: AppStore }) {
  return (
    <TextField
      id="token"
      label="Token"
      type="password"
      value={app.token.value}
      placeholder="Paste the token that you were given"
      onInput={(token) => {
        app.token.value = token.trim();
      }}
    />
  );
}
