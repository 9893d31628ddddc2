import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPressedKeys, shownMs } from './pressed-keys.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function open() {
  const listeners = new Set<(event: { peerId: string; digit: string }) => void>();
  const on = (_name: string, listener: never) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const keys = createPressedKeys({ on } as unknown as Parameters<typeof createPressedKeys>[0]);
  const press = (peerId: string, digit: string) => {
    for (const listener of listeners) listener({ peerId, digit });
  };
  return { keys, press };
}

test('keys of each phone are shown in a row, until it has pressed none for a while', () => {
  const { keys, press } = open();
  press('ann', '1');
  vi.advanceTimersByTime(shownMs - 1);
  press('ann', '2');
  press('cy', '#');
  vi.advanceTimersByTime(shownMs - 1);
  expect([...keys.byPeer.value]).toEqual([
    ['ann', '12'],
    ['cy', '#'],
  ]);
  vi.advanceTimersByTime(1);
  expect([...keys.byPeer.value]).toEqual([]);
});

test('of many keys the last ones are shown', () => {
  const { keys, press } = open();
  for (const digit of '123456789*0#123456789') press('ann', digit);
  expect(keys.byPeer.value.get('ann')).toBe('*0#123456789');
});

test('nothing is kept for later once it is closed', () => {
  const { keys, press } = open();
  press('ann', '1');
  keys.close();
  expect(vi.getTimerCount()).toBe(0);
  press('ann', '2');
  expect(keys.byPeer.value.get('ann')).toBe('1');
});
