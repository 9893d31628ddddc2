import type { types } from 'mediasoup-client';

/**
 * Whether a sender without a track is not enough for nothing to be sent: Firefox sends a black picture each second of one.
 * Its section of the description is made inactive then, which takes a negotiation that the other platforms are spared.
 */
export function needsInactiveSection({ handlerName }: types.Device): boolean {
  return handlerName.startsWith('Firefox');
}

/** Sends nothing, or the track again, without a word to the server. The producer is one with `disableTrackOnPause` off. */
export async function setSentTrack(producer: types.Producer, track: MediaStreamTrack | null): Promise<void> {
  if (track && producer.paused) producer.resume();
  await producer.replaceTrack({ track });
  if (!track) producer.pause();
}
