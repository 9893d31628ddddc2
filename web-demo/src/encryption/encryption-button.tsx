import { useSignal } from '@preact/signals';
import type { Call } from '../state/call.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';

/** Says that the call is encrypted, and leads to the words by which people find that it is so for the others too. */
export function EncryptionButton({ call }: { readonly call: Call }) {
  const isOpen = useSignal(false);
  const { encryption } = call;
  if (!encryption.isOn) return null;
  return (
    <>
      <button
        type="button"
        class="encryption-button"
        aria-label="End-to-end encrypted"
        aria-haspopup="dialog"
        data-tip="End-to-end encrypted"
        onClick={() => {
          isOpen.value = true;
        }}
      >
        <Icon name="lock" />
        <span aria-hidden="true">Encrypted</span>
      </button>
      {isOpen.value && (
        <Dialog
          title="End-to-end encrypted"
          class="encryption-dialog"
          onClose={() => {
            isOpen.value = false;
          }}
        >
          <p>
            Sound and pictures are encrypted between the people in this call. The server passes them on and cannot hear
            or see them. Messages of the chat are not encrypted in this way.
          </p>
          <p id="check-words">Read these words to each other. Who has the same ones has the same key.</p>
          <ol class="check-words" aria-labelledby="check-words">
            {encryption.words.value.map((word) => (
              <li key={word}>{word}</li>
            ))}
          </ol>
          <p class="key-hint">The key is in the link, behind the #. Send it only to those who may listen.</p>
        </Dialog>
      )}
    </>
  );
}
