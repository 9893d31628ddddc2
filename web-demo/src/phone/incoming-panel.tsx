import type { Call } from '@parley/client';
import { useEffect, useRef } from 'preact/hooks';
import { Avatar } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { toShown } from './call-line.ts';
import type { Phone } from './phone-store.ts';

/** Those who call, over whatever the page shows. Told as an alert: it does not wait until a screen reader is silent. */
export function IncomingPanel({ phone, isBusy }: { readonly phone: Phone; readonly isBusy: boolean }) {
  const calls = phone.incoming.value;
  return (
    <div class="incoming" role="alert" aria-live="assertive">
      {calls.map((call) => (
        <Incoming key={call.callId} call={call} phone={phone} isBusy={isBusy} />
      ))}
    </div>
  );
}

function Incoming({ call, phone, isBusy }: { readonly call: Call; readonly phone: Phone; readonly isBusy: boolean }) {
  const [caller] = call.info.legs;
  const name = caller === undefined ? 'Somebody' : toShown(caller);
  const others = call.info.legs.length - 2;
  const card = useRef<HTMLElement>(null);

  // Nobody's typing is taken away: the focus goes there only where it is nowhere.
  useEffect(() => {
    if (document.activeElement === document.body) card.current?.querySelector<HTMLElement>('.primary')?.focus();
  }, []);

  return (
    <section ref={card} class="incoming-card" aria-label={`${name} calls`}>
      <span class="incoming-ring" aria-hidden="true">
        <Avatar name={name} identity={caller?.identity ?? ''} />
      </span>
      <div class="incoming-text">
        <h2>{name}</h2>
        <p>
          {call.info.subject === '' ? 'Calls you' : call.info.subject}
          {others > 0 && ` · with ${others} more`}
          {caller?.number !== undefined && caller.number !== '' && caller.number !== name && ` · ${caller.number}`}
        </p>
      </div>
      <div class="incoming-actions">
        <button type="button" class="button danger" onClick={() => void phone.decline(call, { busy: isBusy })}>
          <Icon name="leave" />
          Decline
        </button>
        <button type="button" class="button primary" onClick={() => void phone.accept(call)}>
          <Icon name="phone" />
          {isBusy ? 'Hold and answer' : 'Answer'}
        </button>
      </div>
    </section>
  );
}
