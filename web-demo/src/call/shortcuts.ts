// Single keys as commands, as long as nobody is typing.

export interface Shortcut {
  /** As KeyboardEvent.key says it, in lower case. */
  readonly key: string;
  readonly about: string;
}

export const shortcuts = {
  microphone: { key: 'm', about: 'Microphone on or off' },
  camera: { key: 'v', about: 'Camera on or off' },
  screen: { key: 's', about: 'Share your screen, or stop' },
  hand: { key: 'h', about: 'Raise your hand, or take it down' },
  chat: { key: 'c', about: 'Open or close the chat' },
  people: { key: 'p', about: 'Show or hide the people' },
  phone: { key: 'd', about: 'Open or close the phone' },
  help: { key: '?', about: 'This list' },
} as const satisfies Record<string, Shortcut>;

export type Command = keyof typeof shortcuts;

/** As much of a KeyboardEvent as matters here. */
export interface KeyPress {
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly repeat: boolean;
  readonly isComposing: boolean;
  readonly target: object | null;
}

/** The command that a key press stands for; undefined while typing, or with a key that belongs to the browser. */
export function commandOf(press: KeyPress): Command | undefined {
  if (press.altKey || press.ctrlKey || press.metaKey || press.repeat || press.isComposing) return undefined;
  if (takesText(press.target)) return undefined;
  const key = press.key.toLowerCase();
  return commands.find((command) => shortcuts[command].key === key);
}

const commands: readonly Command[] = ['microphone', 'camera', 'screen', 'hand', 'chat', 'people', 'phone', 'help'];

/** A select takes letters too: they choose the option that begins with them. */
const takers = 'input:not([type="checkbox"]), textarea, select, [contenteditable]';

function takesText(target: object | null): boolean {
  if (target === null || !('closest' in target) || typeof target.closest !== 'function') return false;
  return target.closest(takers) !== null;
}
