import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon, type IconName } from './icon.tsx';
import { IconButton } from './icon-button.tsx';

export interface MenuItem {
  readonly icon: IconName;
  readonly text: string;
  readonly tone?: 'danger';
  readonly run: () => void | Promise<void>;
}

/**
 * A button with a menu, as in https://www.w3.org/WAI/ARIA/apg/patterns/menu-button/. The platform's popover brings it to the
 * top, closes it on Escape or a press elsewhere, and gives the focus back.
 */
export function Menu({ label, items }: { label: string; items: readonly MenuItem[] }) {
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
    placeBelow(menu, frame.current.getBoundingClientRect());
  };

  return (
    <div ref={frame} class="menu-frame">
      <IconButton
        icon="dots"
        label={label}
        class="quiet"
        aria-haspopup="menu"
        aria-expanded="false"
        aria-controls={id}
        onClick={open}
      />
      <div
        ref={popover}
        id={id}
        popover="auto"
        class="menu"
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
            onClick={() => {
              popover.current?.hidePopover();
              void item.run();
            }}
          >
            <Icon name={item.icon} />
            {item.text}
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
  const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 }[key];
  if (key === 'Tab') menu.hidePopover();
  if (next === undefined) return false;
  all.at(next % all.length)?.focus();
  return true;
}

const marginPx = 8;

/** Below its button and flush with its right edge; above it where there is no space below. */
function placeBelow(menu: HTMLElement, button: DOMRect): void {
  const { width, height } = menu.getBoundingClientRect();
  const below = button.bottom + 4;
  const top = below + height + marginPx > window.innerHeight ? button.top - height - 4 : below;
  menu.style.left = `${Math.max(marginPx, button.right - width)}px`;
  menu.style.top = `${Math.max(marginPx, top)}px`;
}
