import { EncryptionButton } from '../encryption/encryption-button.tsx';
import { CallClock } from '../phone/call-clock.tsx';
import { nameOf } from '../phone/waiting-calls.tsx';
import { QualityButton } from '../quality/quality-button.tsx';
import { RecordingButton } from '../recording/recording-button.tsx';
import type { Call } from '../state/call.ts';
import { CopyLink } from '../ui/copy-link.tsx';
import { Logo } from '../ui/logo.tsx';
import { DirectMark } from './direct-mark.tsx';

export function CallHeader({ call }: { call: Call }) {
  // A call's own room is open to those who are called alone: a link to it would lead nowhere.
  const isCall = call.line.ownsRoom.value;
  const connected = call.connection.state.value === 'connected';
  return (
    <header class="call-header">
      <Logo />
      <p class="call-room">{isCall ? nameOf(call) : call.room}</p>
      {!isCall && <CopyLink room={call.room} roomKey={call.encryption.key} label="Copy link" />}
      <EncryptionButton call={call} />
      <p class="call-clock" data-connected={connected}>
        <span class="dot" aria-hidden="true" />
        <span class="visually-hidden">{connected ? 'Connected for' : 'Not connected. The call began'}</span>
        {isCall ? <AnsweredFor call={call} /> : <CallClock sinceMs={call.startedAtMs} />}
      </p>
      <DirectMark call={call} />
      <RecordingButton call={call} />
      <QualityButton call={call} />
    </header>
  );
}

/** Of a call between people what counts is how long they speak. */
function AnsweredFor({ call }: { call: Call }) {
  const answeredAtMs = call.line.answeredAtMs.value;
  return answeredAtMs === undefined ? <span>Calling…</span> : <CallClock sinceMs={answeredAtMs} />;
}
