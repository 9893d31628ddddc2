import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon, type IconName } from './icon.tsx';
import { IconButton } from './icon-button.tsx';

export interface MenuItem {
  readonly icon?: IconName;
  /** Shown alone in the place of icon and text, which is read aloud then. */
  readonly glyph?: string;
  readonly text: string;
  readonly tone?: 'danger';
  readonly run: () => void | Promise<void>;
}

interface MenuProps {
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly icon?: IconName;
  /** Side by side, as the few glyphs of a picker. */
  readonly row?: boolean;
  readonly small?: boolean;
  /** As large as the controls that it stands among. */
  readonly large?: boolean;
}

/**
 * A button with a menu, as in https://www.w3.org/WAI/ARIA/apg/patterns/menu-button/. The platform's popover brings it to the
 * top, closes it on Escape or a press elsewhere, and gives the focus back.
 */
export function Menu({ label, items, icon = 'dots', row = false, small = false, large = false }: MenuProps) {
  const id = useId();
  const popover = useRef<HTMLDivElement>(null);
  const frame = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const menu = popover.current;
    if (menu === null) return;
    const onToggle = (event: Event): void => {
      const isOpen = 'newState' in event && event.newState === 'open';
      frame.current?.querySelector('button')?.setAttribute('aria-expanded', String(isOpen));
      if (isOpen) menuItems(menu)[0]?.focus();
    };
    menu.addEventListener('toggle', onToggle);
    return () => menu.removeEventListener('toggle', onToggle);
  }, []);

  const open = (): void => {
    const menu = popover.current;
    if (menu === null || frame.current === null) return;
    menu.showPopover();
    placeBelow(menu, frame.current.getBoundingClientRect(), row ? 'start' : 'end');
  };

  return (
    <div ref={frame} class="menu-frame">
      <IconButton
        icon={icon}
        label={label}
        class={large ? '' : small ? 'quiet small' : 'quiet'}
        aria-haspopup="menu"
        aria-expanded="false"
        aria-controls={id}
        onClick={open}
      />
      <div
        ref={popover}
        id={id}
        popover="auto"
        class={row ? 'menu menu-row' : 'menu'}
        role="menu"
        aria-label={label}
        onKeyDown={(event) => {
          if (moveFocus(event.currentTarget, event.key)) event.preventDefault();
          // Escape closes the menu, not the panel around it.
          event.stopPropagation();
        }}
      >
        {items.map((item) => (
          <button
            key={item.text}
            type="button"
            role="menuitem"
            tabIndex={-1}
            data-tone={item.tone}
            aria-label={item.glyph === undefined ? undefined : item.text}
            title={item.glyph === undefined ? undefined : item.text}
            onClick={() => {
              popover.current?.hidePopover();
              void item.run();
            }}
          >
            {item.icon !== undefined && <Icon name={item.icon} />}
            {item.glyph ?? item.text}
          </button>
        ))}
      </div>
    </div>
  );
}

function menuItems(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role="menuitem"]')];
}

function moveFocus(menu: HTMLElement, key: string): boolean {
  const all = menuItems(menu);
  const focused = document.activeElement;
  const now = focused instanceof HTMLElement ? all.indexOf(focused) : -1;
  const steps = { ArrowDown: now + 1, ArrowRight: now + 1, ArrowUp: now - 1, ArrowLeft: now - 1, Home: 0, End: -1 };
  const next = Object.hasOwn(steps, key) ? steps[key as keyof typeof steps] : undefined;
  if (key === 'Tab') menu.hidePopover();
  if (next === undefined) return false;
  all.at(next % all.length)?.focus();
  return true;
}

const marginPx = 8;

/** Below its button and flush with one of its edges, within the window; above it where there is no space below. */
function placeBelow(menu: HTMLElement, button: DOMRect, edge: 'start' | 'end'): void {
  const { width, height } = menu.getBoundingClientRect();
  const below = button.bottom + 4;
  const top = below + height + marginPx > window.innerHeight ? button.top - height - 4 : below;
  const left = edge === 'start' ? Math.min(button.left, window.innerWidth - width - marginPx) : button.right - width;
  menu.style.left = `${Math.max(marginPx, left)}px`;
  menu.style.top = `${Math.max(marginPx, top)}px`;
}
