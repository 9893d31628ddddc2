import type { Call } from '../state/call.ts';
import { CopyLink } from '../ui/copy-link.tsx';

/** Alone in a room, the next thing to do is to invite somebody. */
export function InviteCard({ call }: { call: Call }) {
  if (call.roster.peerCount.value > 1 || call.line.call.value !== undefined) return null;
  return (
    <div class="invite-card">
      <p>
        <strong>You are the first one here.</strong> Send the link to whoever should join.
      </p>
      <CopyLink room={call.room} roomKey={call.encryption.key} class="button primary" />
    </div>
  );
}
