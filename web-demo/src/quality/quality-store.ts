import type { PeerQuality, Room } from '@parley/client';
import { type ReadonlySignal, signal } from '@preact/signals';

export interface Quality {
  /** By peer id. */
  readonly peers: ReadonlySignal<ReadonlyMap<string, PeerQuality>>;
  close(): void;
}

export function createQuality(room: Room): Quality {
  const peers = signal<ReadonlyMap<string, PeerQuality>>(new Map(room.quality));
  const unsubscribe = room.on('qualityChanged', () => {
    peers.value = new Map(room.quality);
  });
  return { peers, close: unsubscribe };
}
