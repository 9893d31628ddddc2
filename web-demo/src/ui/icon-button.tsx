import type { JSX } from 'preact';
import { Icon, type IconName } from './icon.tsx';

interface IconButtonProps extends Omit<JSX.IntrinsicElements['button'], 'icon' | 'label' | 'class' | 'size'> {
  readonly icon: IconName;
  /** Read aloud. It stays the same while `aria-pressed` changes. */
  readonly label: string;
  /** Shown beside the pointer: what a press does now. The label by default. */
  readonly tip?: string | undefined;
  readonly class?: string;
  /** The key that does the same, shown in the tip. */
  readonly shortcut?: string | undefined;
  /** A small number on the corner. */
  readonly badge?: number;
}

export function IconButton({
  icon,
  label,
  tip = label,
  class: classes = '',
  shortcut,
  badge = 0,
  ...rest
}: IconButtonProps) {
  return (
    <button
      type="button"
      class={`icon-button ${classes}`}
      aria-label={label}
      aria-keyshortcuts={shortcut?.toUpperCase()}
      data-tip={shortcut === undefined ? tip : `${tip} (${shortcut.toUpperCase()})`}
      {...rest}
    >
      <Icon name={icon} />
      {badge > 0 && (
        <span class="badge" aria-hidden="true">
          {badge > 99 ? '99+' : badge}
        </span>
      )}
    </button>
  );
}
