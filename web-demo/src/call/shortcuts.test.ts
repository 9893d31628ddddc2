import { describe, expect, test } from 'vitest';
import { commandOf, type KeyPress } from './shortcuts.ts';

const button = { closest: () => null };
const textField = { closest: (selector: string) => (selector.includes('textarea') ? textField : null) };

function press(key: string, changes: Partial<KeyPress> = {}): KeyPress {
  const held = { altKey: false, ctrlKey: false, metaKey: false, repeat: false, isComposing: false };
  return { key, ...held, target: button, ...changes };
}

describe('commandOf()', () => {
  test('a key is a command, in either case', () => {
    expect(commandOf(press('m'))).toBe('microphone');
    expect(commandOf(press('V'))).toBe('camera');
    expect(commandOf(press('?'))).toBe('help');
    expect(commandOf(press('x'))).toBeUndefined();
  });

  test('letters that are typed are letters', () => {
    expect(commandOf(press('m', { target: textField }))).toBeUndefined();
    expect(commandOf(press('m', { isComposing: true }))).toBeUndefined();
  });

  test('keys of the browser and of the system stay theirs', () => {
    for (const held of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { repeat: true }]) {
      expect(commandOf(press('c', held))).toBeUndefined();
    }
  });
});
