import { useSignal } from '@preact/signals';
import { isNameMissing, NameField, nameFieldId, TokenField } from '../lobby/who-fields.tsx';
import type { AppStore } from '../state/app-store.ts';
import { ProblemCallout } from '../ui/problem-callout.tsx';
import { SubmitButton } from '../ui/submit-button.tsx';

/** Who one is, before one can call and be called. */
export function SignInPhone({ app }: { readonly app: AppStore }) {
  const problem = useSignal<string | undefined>(undefined);
  const submit = (event: Event): void => {
    event.preventDefault();
    const isMissing = isNameMissing(app);
    problem.value = isMissing ? 'Say who you are, so that others know who calls.' : undefined;
    if (isMissing) document.getElementById(nameFieldId)?.focus();
    else void app.signInPhone(app.preferences.current.peek().name.trim());
  };
  return (
    <form class="card" noValidate onSubmit={submit} aria-label="Sign in to call">
      <h1>Call somebody</h1>
      <p class="lead">People, phones and numbers: they ring wherever they are.</p>
      <NameField app={app} problem={problem.value} />
      {app.asksForToken.value && <TokenField app={app} />}
      <ProblemCallout problem={app.problem.value} />
      <SubmitButton text="Continue" isBusy={app.joining.value !== undefined} busyText="Connecting…" />
    </form>
  );
}
