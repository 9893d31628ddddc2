import { useSignal } from '@preact/signals';
import type { AppStore } from '../state/app-store.ts';
import { Icon } from '../ui/icon.tsx';

/** Who one is, before one can call and be called. */
export function SignInPhone({ app }: { readonly app: AppStore }) {
  const name = app.preferences.current.value.name;
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = app.joining.value !== undefined;
  const submit = (event: Event): void => {
    event.preventDefault();
    const isMissing = name.trim() === '' && app.token.value === '';
    problem.value = isMissing ? 'Say who you are, so that others know who calls.' : undefined;
    if (isMissing) document.getElementById('name')?.focus();
    else void app.signInPhone(name.trim());
  };
  return (
    <form class="phone-card sign-in-phone" noValidate onSubmit={submit} aria-label="Sign in to call">
      <h1>Call somebody</h1>
      <p class="lead">People, phones and numbers: they ring wherever they are.</p>
      <div class="field">
        <label for="name">Your name</label>
        <input
          id="name"
          value={name}
          maxLength={64}
          autocomplete="name"
          placeholder="Ada Lovelace"
          aria-invalid={problem.value !== undefined}
          aria-describedby={problem.value === undefined ? undefined : 'name-problem'}
          onInput={(event) => app.preferences.update({ name: event.currentTarget.value })}
        />
        {problem.value !== undefined && (
          <p class="field-problem" id="name-problem" role="alert">
            {problem.value}
          </p>
        )}
      </div>
      {app.asksForToken.value && (
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
      )}
      {app.problem.value !== undefined && (
        <div class="callout" data-tone="problem" role="alert">
          <Icon name="alert" />
          <div>
            <strong>{app.problem.value.title}</strong>
            <p>{app.problem.value.advice}</p>
          </div>
        </div>
      )}
      <button type="submit" class="button primary large" disabled={isBusy}>
        {isBusy && <span class="spinner" aria-hidden="true" />}
        {isBusy ? 'Connecting…' : 'Continue'}
      </button>
    </form>
  );
}
