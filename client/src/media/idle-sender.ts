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

/**
 * Sends nothing until `letGo`, which comes when the server has the producer. The encodings of all pictures have the same
 * names (RFC 8852): packets of a screen that come before its producer are taken for those of a camera that is sent over the
 * same transport, and so is all that follows under their SSRCs.
 */
export function holdBack(sender: RTCRtpSender): void {
  // One that refuses sends what it would have sent anyhow.
  sender.replaceTrack(null).catch(() => {});
}

export function letGo(sender: RTCRtpSender, track: MediaStreamTrack): Promise<void> {
  return sender.replaceTrack(track);
}
