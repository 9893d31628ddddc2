import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { EncryptionButton } from '../encryption/encryption-button.tsx';
import { nameOf } from '../phone/waiting-calls.tsx';
import { QualityButton } from '../quality/quality-button.tsx';
import { RecordingButton } from '../recording/recording-button.tsx';
import type { Call } from '../state/call.ts';
import { CopyLink } from '../ui/copy-link.tsx';
import { Logo } from '../ui/logo.tsx';
import { DirectMark } from './direct-mark.tsx';
import { formatDuration } from './format-duration.ts';

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
        <Clock startedAtMs={call.startedAtMs} />
      </p>
      <DirectMark call={call} />
      <RecordingButton call={call} />
      <QualityButton call={call} />
    </header>
  );
}

function Clock({ startedAtMs }: { startedAtMs: number }) {
  const nowMs = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      nowMs.value = Date.now();
    }, 1_000);
    return () => clearInterval(timer);
  }, []);
  return <time>{formatDuration(nowMs.value - startedAtMs)}</time>;
}
