// What the server is told of a track that is sent, besides that it is.

import type { Lifetime } from '../lifetime.ts';
import type { RoomCalls } from '../room-calls.ts';
import { during } from '../waiting.ts';
import { classifyFailure } from './failures.ts';
import type { TrackSize } from './track-size.ts';

/** Which layer is enough for whoever shows it goes by its size; a server that is not told assumes a usual one. */
export async function tellSize(
  calls: RoomCalls,
  producerId: string,
  { size, life }: { readonly size: TrackSize; readonly life: Lifetime },
): Promise<void> {
  await during(life, calls.call('media.setProducerSize', { producerId, ...size })).catch((error: unknown) => {
    if (classifyFailure(error, 0) !== 'final') throw error;
  });
}

/** Best effort: without a connection the producer is closed when the session is resumed. */
export async function tellClosed(calls: RoomCalls, producerId: string): Promise<void> {
  await calls.call('media.closeProducer', { producerId }).catch(() => {});
}
