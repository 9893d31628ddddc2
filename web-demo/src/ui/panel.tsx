import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { IconButton } from './icon-button.tsx';

interface PanelProps {
  readonly title: string;
  readonly onClose: () => void;
  /** What Escape does; closing by default. */
  readonly onEscape?: () => void;
  readonly children: ComponentChildren;
  readonly class: string;
  /** Buttons beside the one that closes. */
  readonly actions?: ComponentChildren;
}

/** A column beside the call. Escape closes it; the focus goes back to where it was. */
export function Panel({ title, onClose, children, class: classes, actions, onEscape = onClose }: PanelProps) {
  const titleId = useId();
  const panel = useRef<HTMLElement>(null);
  // Asked for while rendering: an effect would already see what the content has focused.
  const opener = useRef(document.activeElement);

  // Before the next key press is handled: whoever opens the chat by its key and types on means the chat.
  useLayoutEffect(() => {
    const before = opener.current;
    const own = panel.current;
    own?.querySelector<HTMLElement>('[data-first-focus]')?.focus();
    return () => {
      // Only when the focus was in here: it may have moved on to another panel's button meanwhile.
      const isLost = document.activeElement === document.body || own?.contains(document.activeElement);
      if (isLost && before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  return (
    <aside
      ref={panel}
      class={`panel ${classes}`}
      aria-labelledby={titleId}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.isComposing) onEscape();
      }}
    >
      <header class="panel-header">
        <h2 id={titleId}>{title}</h2>
        <div class="panel-actions">
          {actions}
          <IconButton icon="close" label={`Close ${title.toLowerCase()}`} class="quiet" onClick={onClose} />
        </div>
      </header>
      {children}
    </aside>
  );
}
