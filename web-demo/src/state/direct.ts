import type { Room } from '@parley/client';
import { type ReadonlySignal, signal } from '@preact/signals';

export interface Direct {
  /** The two of this call send to each other, and not through the server. */
  readonly isOn: ReadonlySignal<boolean>;
  close(): void;
}

export function createDirect(room: Room): Direct {
  const isDirect = (): boolean => room.mediaMode.mode === 'direct';
  const isOn = signal(isDirect());
  const close = room.on('mediaModeChanged', () => {
    isOn.value = isDirect();
  });
  return { isOn, close };
}
