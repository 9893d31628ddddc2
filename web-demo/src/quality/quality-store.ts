import type { PeerQuality, Room } from '@parley/client';
import { type ReadonlySignal, signal } from '@preact/signals';
import { type Histories, withMeasured } from './track-history.ts';

export interface Quality {
  /** By peer id. */
  readonly peers: ReadonlySignal<ReadonlyMap<string, PeerQuality>>;
  /** Of one's own tracks, sent and received, over the last minutes. */
  readonly histories: ReadonlySignal<Histories>;
  close(): void;
}

export function createQuality(room: Room): Quality {
  const peers = signal<ReadonlyMap<string, PeerQuality>>(new Map(room.quality));
  const histories = signal<Histories>(new Map());
  const refresh = (): void => {
    peers.value = new Map(room.quality);
  };
  const unsubscribes = [
    room.on('qualityChanged', refresh),
    room.on('peersChanged', ({ left }) => {
      if (left.length > 0) refresh();
    }),
    room.on('tracksMeasured', (tracks) => {
      histories.value = withMeasured(histories.peek(), tracks, Date.now());
    }),
  ];
  return {
    peers,
    histories,
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
    },
  };
}
