// The keys that phones of the room press, shown for a moment: as votes, or answers to what was asked.

import type { Room } from '@parley/client';
import { type ReadonlySignal, signal } from '@preact/signals';

export interface PressedKeys {
  /** By peer id, what was pressed lately. */
  readonly byPeer: ReadonlySignal<ReadonlyMap<string, string>>;
  close(): void;
}

/** Long enough to be read after the last one. */
export const shownMs = 6_000;
const shownAtMost = 12;

export function createPressedKeys(room: Pick<Room, 'on'>): PressedKeys {
  const byPeer = signal<ReadonlyMap<string, string>>(new Map());
  const timers = new Map<string, ReturnType<typeof setTimeout>>();

  const forget = (peerId: string): void => {
    clearTimeout(timers.get(peerId));
    timers.delete(peerId);
    byPeer.value = new Map([...byPeer.peek()].filter(([one]) => one !== peerId));
  };

  const stop = room.on('phoneDigit', ({ peerId, digit }) => {
    const keys = `${byPeer.peek().get(peerId) ?? ''}${digit}`.slice(-shownAtMost);
    byPeer.value = new Map([...byPeer.peek(), [peerId, keys]]);
    clearTimeout(timers.get(peerId));
    timers.set(
      peerId,
      setTimeout(() => forget(peerId), shownMs),
    );
  });

  return {
    byPeer,
    close() {
      stop();
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
