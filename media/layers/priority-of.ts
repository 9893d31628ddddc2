import type { TrackSource } from '../media.ts';

/**
 * Who gets a second layer first when a client cannot take all (see EngineConsumer.setPriority): a screen, then who speaks,
 * then what is shown large. `share` is of the largest height that the client shows, 0 to 1.
 */
export function priorityOf(track: { source: TrackSource; speaks: boolean; share: number }): number {
  if (track.source === 'screen') return 100;
  if (track.speaks) return 20;
  return track.share > 0.5 ? 10 : 1;
}
