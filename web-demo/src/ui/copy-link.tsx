import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { addressOfRoom } from '../encryption/room-key.ts';
import { Icon } from './icon.tsx';

const confirmedMs = 2_500;

type Outcome = 'none' | 'copied' | 'failed';

/** Copies the invitation to a room: the address that opens its lobby. */
export function CopyLink({ room, roomKey, class: classes = '', label = 'Copy invite link' }: CopyLinkProps) {
  const outcome = useSignal<Outcome>('none');

  useEffect(() => {
    if (outcome.value === 'none') return;
    const timer = setTimeout(() => {
      outcome.value = 'none';
    }, confirmedMs);
    return () => clearTimeout(timer);
  }, [outcome.value]);

  const copy = async (): Promise<void> => {
    const address = addressOfRoom(room, roomKey);
    const link = new URL(address, location.href).href;
    try {
      await navigator.clipboard.writeText(link);
      outcome.value = 'copied';
    } catch {
      // Without the clipboard (plain HTTP, or denied) the address bar has the link.
      history.replaceState(null, '', address);
      outcome.value = 'failed';
    }
  };

  const text = { none: label, copied: 'Link copied', failed: 'Copy it from the address bar' }[outcome.value];
  return (
    <button type="button" class={`copy-link ${classes}`} disabled={room === ''} onClick={() => void copy()}>
      <Icon name={outcome.value === 'copied' ? 'check' : 'link'} />
      <span aria-live="polite">{text}</span>
    </button>
  );
}

interface CopyLinkProps {
  readonly room: string;
  /** Of an end-to-end encrypted call: without it the link is of no use. */
  readonly roomKey: string | undefined;
  readonly class?: string;
  readonly label?: string;
}
