import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AppStore } from '../state/app-store.ts';
import { Account } from '../ui/account.tsx';
import { Icon } from '../ui/icon.tsx';
import { Page } from '../ui/page.tsx';
import { CallLog } from './call-log.tsx';
import { DialPad } from './dial-pad.tsx';
import type { Phone } from './phone-store.ts';
import { SignInPhone } from './sign-in-phone.tsx';
import { pathOfCallee, toTarget } from './to-target.ts';

/** To call and to be called, in no room yet. */
export function PhoneScreen({ app, phone }: { readonly app: AppStore; readonly phone: Phone | undefined }) {
  const ringing = phone?.incoming.value.length ?? 0;
  useEffect(() => {
    document.title = ringing > 0 ? 'Incoming call · Parley' : 'Phone · Parley';
  }, [ringing]);
  return (
    <Page
      class={`phone-main ${phone === undefined ? 'single' : ''}`}
      account={phone !== undefined && <PhoneAccount app={app} phone={phone} />}
      footer={
        <>
          <a href="/">Meet in a room</a> · <a href="/doctor">Test the connection</a>
        </>
      }
    >
      {phone === undefined ? <SignInPhone app={app} /> : <SignedIn phone={phone} />}
    </Page>
  );
}

function PhoneAccount({ app, phone }: { readonly app: AppStore; readonly phone: Phone }) {
  const isLost = phone.connection.state.value !== 'connected';
  return <Account text={phone.ownName} isLost={isLost} onSignOut={() => app.signOut()} />;
}

function SignedIn({ phone }: { readonly phone: Phone }) {
  useEffect(() => void phone.refreshLog(), [phone]);
  const typed = phone.text.value.trim();
  return (
    <>
      <section class="card" aria-label="Call">
        <h1>Call somebody</h1>
        <Found phone={phone} />
        <DialPad
          text={phone.text}
          label="Number, name or address"
          hint={hintOf(typed)}
          action={phone.isDialling.value ? 'Calling…' : 'Call'}
          disabled={phone.isDialling.value}
          onDial={(text) => {
            void phone.dial(text).then((could) => {
              if (could) phone.text.value = '';
            });
          }}
        />
        <Reachable phone={phone} />
      </section>
      <CallLog phone={phone} />
    </>
  );
}

/** A call of before the page was loaded anew, or on another device. */
function Found({ phone }: { readonly phone: Phone }) {
  const call = phone.found.value;
  if (call === undefined) return null;
  const isElsewhere = (call.ownLeg?.peerId ?? '') !== '';
  return (
    <div class="callout">
      <Icon name="phone" />
      <div>
        <strong>{isElsewhere ? 'You are in a call on another device' : 'Your call is still going on'}</strong>
        <div class="callout-actions">
          <button type="button" class="button primary small" onClick={() => void phone.accept(call)}>
            {isElsewhere ? 'Join it here' : 'Go back to it'}
          </button>
          <button type="button" class="button small" onClick={() => phone.forgetFound()}>
            Not now
          </button>
        </div>
      </div>
    </div>
  );
}

/** How others reach one, and whether one hears of that in another tab. */
function Reachable({ phone }: { readonly phone: Phone }) {
  const isCopied = useSignal(false);
  const permission = useSignal('Notification' in globalThis ? Notification.permission : 'denied');
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(new URL(pathOfCallee(phone.identity), location.href).href).catch(() => {});
    isCopied.value = true;
  };
  return (
    <div class="reachable">
      <p>
        Others call you as <strong>{phone.identity}</strong>
      </p>
      <div class="reachable-actions">
        <button type="button" class="copy-link" onClick={() => void copy()}>
          <Icon name={isCopied.value ? 'check' : 'link'} />
          <span aria-live="polite">{isCopied.value ? 'Link copied' : 'Copy your link'}</span>
        </button>
        {permission.value === 'default' && (
          <button
            type="button"
            class="copy-link"
            onClick={() => {
              void Notification.requestPermission().then((answer) => {
                permission.value = answer;
              });
            }}
          >
            <Icon name="alert" />
            <span>Notify me of calls</span>
          </button>
        )}
      </div>
    </div>
  );
}

function hintOf(typed: string): string | undefined {
  const target = typed === '' ? undefined : toTarget(typed);
  if (target === undefined) return undefined;
  if ('number' in target) return 'Rings a phone number';
  return 'uri' in target ? 'Rings a SIP address' : 'Rings all devices of this person';
}
