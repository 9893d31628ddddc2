import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { DialPad } from '../phone/dial-pad.tsx';
import { Account as AccountLine } from '../ui/account.tsx';
import { Page } from '../ui/page.tsx';
import { ProblemCallout } from '../ui/problem-callout.tsx';
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
    <Page
      class="softphone-main"
      account={isSignedIn && <SoftphoneAccount phone={phone} />}
      footer={
        <>
          An example: <a href="/">the page for calls with video and chat</a> has a phone too.
        </>
      }
    >
      {isSignedIn ? <Phone phone={phone} /> : <SignIn phone={phone} account={account} />}
    </Page>
  );
}

function SoftphoneAccount({ phone }: { readonly phone: Softphone }) {
  const isLost = phone.registration.value === 'lost';
  const text = `Signed in as ${phone.account.value?.user ?? ''}`;
  return <AccountLine text={text} isLost={isLost} onSignOut={() => void phone.signOut()} />;
}

function Phone({ phone }: { readonly phone: Softphone }) {
  const text = useSignal('');
  const lines = phone.lines.value;
  return (
    <>
      <h1 class="visually-hidden">Phone</h1>
      <ProblemCallout problem={phone.problem.value} onDismiss={() => phone.dismissProblem()} />
      {lines.map((line) => (
        <LineView key={line.id} phone={phone} line={line} other={lines.find(({ id }) => id !== line.id)} />
      ))}
      {lines.length < linesAtMost && (
        <section class="card" aria-label={lines.length === 0 ? 'Call somebody' : 'Call somebody else'}>
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
