import type { TrackCounters } from '../track-counters.ts';

/** A tenth of a second of sound: what is there by then is not a stray. */
const enoughPackets = 5;

/** How much came of a track: packets of a sound, frames of a picture. */
export function amountOf(track: MediaStreamTrack, counters: TrackCounters | undefined): number {
  return (track.kind === 'audio' ? counters?.packets : counters?.framesDecoded) ?? 0;
}

/** Whether it comes. `first`: what had come before. */
export function isFlowing(track: MediaStreamTrack, counters: TrackCounters | undefined, first = 0): boolean {
  return amountOf(track, counters) - first >= (track.kind === 'audio' ? enoughPackets : 1);
}
