import type { Call } from '../state/call.ts';
import { Icon } from '../ui/icon.tsx';
import { unlessBusy } from '../ui/unless-busy.ts';

/** Nothing is heard while on hold: it is said why, and how that ends. */
export function HeldBanner({ call }: { readonly call: Call }) {
  const { line } = call;
  const own = line.call.value?.ownLeg;
  return (
    <div role="status" class="status">
      {line.held.value && (
        <div class="banner" data-tone="warning">
          <Icon name="pause" />
          <p>{own?.heldBy === 'other' ? 'You were put on hold' : 'You put the call on hold'}</p>
          <button type="button" class="button small" {...unlessBusy(line.isBusy.value, () => void line.setHeld(false))}>
            Resume
          </button>
        </div>
      )}
    </div>
  );
}
