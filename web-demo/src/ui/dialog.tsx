import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { IconButton } from './icon-button.tsx';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly class?: string;
}

/** A modal dialog of the platform: it keeps the focus inside, closes with Escape and makes the rest inert. */
export function Dialog({ title, onClose, children, class: classes = '' }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isShown = useRef(true);
  const titleId = useId();

  // A layout effect ends before the element is taken away: closing it then gives the focus back to where it was.
  useLayoutEffect(() => {
    const own = dialog.current;
    own?.showModal();
    return () => {
      isShown.current = false;
      own?.close();
    };
  }, []);

  return (
    <dialog
      ref={dialog}
      class={`dialog ${classes}`}
      aria-labelledby={titleId}
      onClose={() => {
        // Said once more by the end of the effect, when the next dialog may be open already.
        if (isShown.current) onClose();
      }}
      onCancel={(event) => {
        // `close` follows in a task of its own: a key that is pressed in between would still meet an open dialog.
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        // The backdrop counts as the dialog itself.
        if (event.target === dialog.current) onClose();
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <div class="dialog-body">
        <header class="dialog-header">
          <h2 id={titleId}>{title}</h2>
          <IconButton icon="close" label="Close" class="quiet" onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}
