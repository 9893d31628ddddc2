import { useSignal } from '@preact/signals';
import { ProblemCallout } from '../ui/problem-callout.tsx';
import { SubmitButton } from '../ui/submit-button.tsx';
import { TextField, type TextFieldProps } from '../ui/text-field.tsx';
import { type Account, problemsOf } from './account.ts';
import type { Softphone } from './softphone-store.ts';

/** The account of a phone, as whoever runs the server gave it out. */
export function SignIn({ phone, account }: { readonly phone: Softphone; readonly account: Account }) {
  const given = useSignal(account);
  const problems = useSignal<ReturnType<typeof problemsOf>>({});

  const submit = (event: Event): void => {
    event.preventDefault();
    const found = problemsOf(given.peek());
    problems.value = found;
    const [first] = Object.keys(found);
    if (first === undefined) void phone.signIn(given.peek());
    else document.getElementById(first)?.focus();
  };

  const field = (id: keyof Account, label: string, more: Pick<TextFieldProps, 'type' | 'autocomplete'> = {}) => (
    <TextField
      id={id}
      label={label}
      value={given.value[id]}
      maxLength={256}
      problem={problems.value[id]}
      onInput={(text) => {
        given.value = { ...given.peek(), [id]: text };
      }}
      {...more}
    />
  );

  return (
    <form class="card sign-in" noValidate onSubmit={submit} aria-label="Sign in">
      <h1>A phone in your browser</h1>
      <p class="lead">It speaks SIP with the server, as a desk phone does.</p>
      {field('user', 'Name or number of your phone', { autocomplete: 'username' })}
      {field('password', 'Password', { type: 'password', autocomplete: 'current-password' })}
      <details open={problems.value.server !== undefined || problems.value.domain !== undefined}>
        <summary>Server</summary>
        <div class="sign-in-more">
          {field('server', 'Address of the server')}
          {field('domain', 'Domain')}
          {field('name', 'Shown to others (optional)', { autocomplete: 'name' })}
        </div>
      </details>
      <ProblemCallout problem={phone.problem.value} />
      <SubmitButton text="Sign in" isBusy={phone.registration.value === 'connecting'} busyText="Signing in…" />
    </form>
  );
}
