import { useSignal } from '@preact/signals';
import { Icon } from '../ui/icon.tsx';
import { type Account, problemsOf } from './account.ts';
import type { Softphone } from './softphone-store.ts';

interface FieldProps {
  readonly id: keyof Account;
  readonly label: string;
  readonly value: string;
  readonly problem: string | undefined;
  readonly type?: 'password';
  readonly autocomplete?: string;
  readonly onInput: (value: string) => void;
}

/** The account of a phone, as whoever runs the server gave it out. */
export function SignIn({ phone, account }: { readonly phone: Softphone; readonly account: Account }) {
  const given = useSignal(account);
  const problems = useSignal<ReturnType<typeof problemsOf>>({});
  const isBusy = phone.registration.value === 'connecting';

  const submit = (event: Event): void => {
    event.preventDefault();
    const found = problemsOf(given.peek());
    problems.value = found;
    const [first] = Object.keys(found);
    if (first === undefined) void phone.signIn(given.peek());
    else document.getElementById(first)?.focus();
  };

  const field = (id: keyof Account, label: string, more: Pick<FieldProps, 'type' | 'autocomplete'> = {}) => (
    <Field
      id={id}
      label={label}
      value={given.value[id]}
      problem={problems.value[id]}
      onInput={(value) => {
        given.value = { ...given.peek(), [id]: value };
      }}
      {...more}
    />
  );

  return (
    <form class="softphone-card sign-in" noValidate onSubmit={submit} aria-label="Sign in">
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
      {phone.problem.value !== undefined && (
        <div class="callout" data-tone="problem" role="alert">
          <Icon name="alert" />
          <div>
            <strong>{phone.problem.value.title}</strong>
            <p>{phone.problem.value.advice}</p>
          </div>
        </div>
      )}
      <button type="submit" class="button primary large" disabled={isBusy}>
        {isBusy && <span class="spinner" aria-hidden="true" />}
        {isBusy ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
  );
}

function Field({ id, label, value, problem, type, autocomplete = 'off', onInput }: FieldProps) {
  const common = {
    id,
    value,
    maxLength: 256,
    autocomplete,
    spellcheck: false,
    'aria-invalid': problem !== undefined,
    'aria-describedby': problem === undefined ? undefined : `${id}-problem`,
    onInput: (event: InputEvent & { readonly currentTarget: HTMLInputElement }) => onInput(event.currentTarget.value),
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {type === 'password' ? <input type="password" {...common} /> : <input autocapitalize="none" {...common} />}
      {problem !== undefined && (
        <p class="field-problem" id={`${id}-problem`} role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
