import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { pathOfRoom } from '../lobby/room-names.ts';
import { Icon } from './icon.tsx';

const confirmedMs = 2_500;

type Outcome = 'none' | 'copied' | 'failed';

/** Copies the invitation to a room: the address that opens its lobby. */
export function CopyLink({ room, class: classes = '', label = 'Copy invite link' }: CopyLinkProps) {
  const outcome = useSignal<Outcome>('none');

  useEffect(() => {
    if (outcome.value === 'none') return;
    const timer = setTimeout(() => {
      outcome.value = 'none';
    }, confirmedMs);
    return () => clearTimeout(timer);
  }, [outcome.value]);

  const copy = async (): Promise<void> => {
    const link = new URL(pathOfRoom(room), location.href).href;
    try {
      await navigator.clipboard.writeText(link);
      outcome.value = 'copied';
    } catch {
      // Without the clipboard (plain HTTP, or denied) the address bar has the link.
      history.replaceState(null, '', pathOfRoom(room));
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
  readonly class?: string;
  readonly label?: string;
}
