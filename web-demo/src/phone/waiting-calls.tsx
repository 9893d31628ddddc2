import type { Call } from '../state/call.ts';
import type { OpenCalls } from '../state/open-calls.ts';
import { Icon } from '../ui/icon.tsx';

/** The calls that wait while another one is shown. */
export function WaitingCalls({ openCalls }: { readonly openCalls: OpenCalls }) {
  const waiting = openCalls.all.value.filter((call) => call !== openCalls.shown.value);
  return (
    <>
      {waiting.map((call) => (
        <div key={call.room} class="banner" data-tone="info">
          <Icon name="pause" />
          <p>{nameOf(call)} waits</p>
          <button type="button" class="button small" onClick={() => openCalls.show(call)}>
            Switch
          </button>
        </div>
      ))}
    </>
  );
}

/** Whom it is with, or the room where there is no call between people. */
export function nameOf({ line, room }: Call): string {
  const names = line.legs.value.map(({ shown }) => shown);
  return names.length === 0 ? room : names.join(', ');
}
