/** Up and Down lead from message to message, as long as the list or a message itself has the focus. */
export function moveAmongMessages(list: HTMLElement, key: string): boolean {
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return false;
  const focused = document.activeElement;
  const messages = [...list.querySelectorAll<HTMLElement>('.message')];
  const now = focused instanceof HTMLElement ? messages.indexOf(focused) : -1;
  if (focused !== list && now < 0) return false;
  const next = now < 0 ? messages.at(-1) : messages[now + (key === 'ArrowUp' ? -1 : 1)];
  next?.focus();
  return next !== undefined;
}
