import { explainWaiting } from '../errors/explain-ending.ts';
import type { Call } from '../state/call.ts';
import { Icon } from '../ui/icon.tsx';

/** The state of the connection, when there is something to say. The region stays, so that changes are read aloud. */
export function StatusBanner({ call }: { call: Call }) {
  const { connection, roster } = call;
  const reconnecting = connection.state.value === 'reconnecting' || connection.state.value === 'connecting';
  const recovering = roster.mediaState.value === 'recovering';
  return (
    <div class="status" role="status">
      {reconnecting && <Waiting call={call} />}
      {!reconnecting && recovering && (
        <p class="banner" data-tone="info">
          <span class="spinner" aria-hidden="true" />
          Sound and video are coming back…
        </p>
      )}
      {!reconnecting && !recovering && connection.isBack.value && (
        <p class="banner" data-tone="good">
          <Icon name="check" />
          Back in the call
        </p>
      )}
    </div>
  );
}

function Waiting({ call }: { call: Call }) {
  const { error, secondsToRetry } = call.connection;
  const seconds = secondsToRetry.value;
  return (
    <p class="banner" data-tone="warning">
      <span class="spinner" aria-hidden="true" />
      {explainWaiting(error.value)} {/* A countdown read aloud every second would bury everything else. */}
      <span aria-hidden="true">
        {seconds === undefined || seconds === 0 ? 'Reconnecting…' : `Reconnecting in ${seconds} s`}
      </span>
      <span class="visually-hidden">Reconnecting.</span>
    </p>
  );
}
