import type { Room, TrackSource } from '../src/index.ts';

/** How often, from now on, a room had nothing of that source any more, for a moment or longer. */
export function watchHoles(room: Room, source: TrackSource): { readonly count: number } {
  let count = 0;
  const isShown = () => [...room.remoteTracks.values()].some((track) => track.source === source);
  room.on('trackRemoved', (track) => {
    if (track.source !== source) return;
    // Another one that takes its place is added in the same turn.
    queueMicrotask(() => {
      if (!isShown()) count += 1;
    });
  });
  return {
    get count() {
      return count;
    },
  };
}
