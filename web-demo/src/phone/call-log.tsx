import type { CallSummary } from '@parley/client';
import { formatDuration } from '../call/format-duration.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { unlessBusy } from '../ui/unless-busy.ts';
import { toShown } from './call-line.ts';
import { endInShort } from './end-words.ts';
import { callBackOf, otherSideOf } from './other-side.ts';
import type { Phone } from './phone-store.ts';

const icons: Readonly<Record<CallSummary['direction'], IconName>> = {
  incoming: 'incoming',
  outgoing: 'outgoing',
  missed: 'missed',
};

const words: Readonly<Record<CallSummary['direction'], string>> = {
  incoming: 'Incoming',
  outgoing: 'Outgoing',
  missed: 'Missed',
};

/** The calls that one had, with a way to call again. */
export function CallLog({ phone }: { readonly phone: Phone }) {
  const log = phone.log.value;
  return (
    <section class="card call-log" aria-labelledby="call-log">
      <h2 id="call-log">Recent calls</h2>
      {log === undefined && <p class="call-log-empty">Looking…</p>}
      {log?.length === 0 && <p class="call-log-empty">No calls yet. Those that you make and take stand here.</p>}
      <ul>
        {log?.map((entry) => (
          <Entry key={entry.callId} entry={entry} phone={phone} />
        ))}
      </ul>
      {phone.hasMore.value && (
        <button type="button" class="button" onClick={() => void phone.loadMore()}>
          Older calls
        </button>
      )}
    </section>
  );
}

function Entry({ entry, phone }: { readonly entry: CallSummary; readonly phone: Phone }) {
  const others = otherSideOf(entry, phone.identity);
  const [first] = others;
  const name = others.length === 0 ? 'Nobody' : others.map(toShown).join(', ');
  const again = first === undefined ? undefined : callBackOf(first);
  const detail = entry.durationMs > 0 ? formatDuration(entry.durationMs) : endInShort(entry.endReason);
  return (
    <li class="call-log-entry" data-direction={entry.direction}>
      <Avatar name={name} identity={first?.identity ?? ''} />
      <div class="call-log-text">
        <p class="call-log-name">{name}</p>
        <p class="call-log-detail">
          <Icon name={icons[entry.direction]} />
          <span class="visually-hidden">{words[entry.direction]}, </span>
          {whenOf(entry.startedAtMs)}
          {detail !== '' && ` · ${detail}`}
        </p>
      </div>
      {again !== undefined && (
        <button
          type="button"
          class="icon-button quiet"
          aria-label={`Call ${name}`}
          {...unlessBusy(phone.isDialling.value, () => void phone.dial(again))}
        >
          <Icon name="phone" />
        </button>
      )}
    </li>
  );
}

const time = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

function whenOf(atMs: number): string {
  const isToday = new Date(atMs).toDateString() === new Date().toDateString();
  return isToday ? time.format(atMs) : `${day.format(atMs)}, ${time.format(atMs)}`;
}
