import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { DialPad } from '../phone/dial-pad.tsx';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Logo } from '../ui/logo.tsx';
import type { Account } from './account.ts';
import { LineView } from './line-view.tsx';
import { SignIn } from './sign-in.tsx';
import type { Softphone } from './softphone-store.ts';

const linesAtMost = 2;

export function SoftphonePage({ phone, account }: { readonly phone: Softphone; readonly account: Account }) {
  const registration = phone.registration.value;
  const isSignedIn = registration === 'registered' || registration === 'lost';
  const callers = phone.lines.value.filter(({ state, direction }) => state === 'ringing' && direction === 'incoming');
  const [caller] = callers;

  useEffect(() => {
    document.title = caller === undefined ? 'Phone · Parley' : `${caller.name || caller.address} calls · Parley`;
  }, [caller]);

  return (
    <div class="softphone">
      <header class="brand">
        <Logo />
        <span>Parley</span>
        {isSignedIn && <SignedIn phone={phone} />}
      </header>
      <main class="softphone-main">
        {isSignedIn ? <Phone phone={phone} /> : <SignIn phone={phone} account={account} />}
      </main>
      <footer class="lobby-footer">
        <p>
          An example: <a href="/">the page for calls with video and chat</a> has a phone too.
        </p>
      </footer>
    </div>
  );
}

function SignedIn({ phone }: { readonly phone: Softphone }) {
  const isLost = phone.registration.value === 'lost';
  return (
    <div class="softphone-account">
      <p role="status" data-lost={isLost}>
        <span class="dot" aria-hidden="true" />
        {isLost ? 'Connection lost, coming back…' : `Signed in as ${phone.account.value?.user ?? ''}`}
      </p>
      <button type="button" class="button small" onClick={() => void phone.signOut()}>
        Sign out
      </button>
    </div>
  );
}

function Phone({ phone }: { readonly phone: Softphone }) {
  const text = useSignal('');
  const lines = phone.lines.value;
  const problem = phone.problem.value;
  return (
    <>
      <h1 class="visually-hidden">Phone</h1>
      {problem !== undefined && (
        <div class="callout" data-tone="problem" role="alert">
          <Icon name="alert" />
          <div>
            <strong>{problem.title}</strong>
            {problem.advice !== '' && <p>{problem.advice}</p>}
          </div>
          <IconButton icon="close" label="Dismiss" class="quiet small" onClick={() => phone.dismissProblem()} />
        </div>
      )}
      {lines.map((line) => (
        <LineView key={line.id} phone={phone} line={line} other={lines.find(({ id }) => id !== line.id)} />
      ))}
      {lines.length < linesAtMost && (
        <section class="softphone-card" aria-label={lines.length === 0 ? 'Call somebody' : 'Call somebody else'}>
          <DialPad
            text={text}
            label={lines.length === 0 ? 'Name, number or address' : 'Call somebody else'}
            action="Call"
            onDial={(typed) => {
              text.value = '';
              void phone.call(typed);
            }}
          />
        </section>
      )}
    </>
  );
}
