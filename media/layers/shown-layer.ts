import type { RoomConsumer } from '../room-consumer.ts';
import type { RoomProducer } from '../room-objects.ts';

/** The highest layer of a track that anybody has a use for, here or on another node; -1: nobody shows it. */
export function highestShown(producer: RoomProducer): number {
  const highest = producer.engine.layers.spatial - 1;
  if (producer.isReadWhole) return highest;
  const shownHere = [...producer.consumers].filter(isShown).map(layerShown);
  return Math.max(Math.min(producer.shownElsewhere, highest), ...shownHere);
}

export function layerShown({ shownLayers, producer }: RoomConsumer): number {
  const highest = producer.engine.layers.spatial - 1;
  return Math.min(shownLayers?.spatialLayer ?? highest, highest);
}

/** What the floor or a mending holds back for a moment comes back in the same layer. */
function isShown(consumer: RoomConsumer): boolean {
  return !consumer.pausedByOwner && !consumer.isHeldBy('view');
}
