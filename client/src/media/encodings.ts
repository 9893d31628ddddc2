import type { types } from 'mediasoup-client';
import type { TrackSource } from '../api.ts';

export type SendOptions = Pick<types.ProducerOptions, 'encodings' | 'codecOptions'>;

/** How a track of each source is sent where the application does not say: one layer each. */
const defaults: Readonly<Record<TrackSource, SendOptions>> = {
  // Voice: silence costs nearly nothing (RFC 6716 section 2.1.9), and a lost packet is in the next one too.
  microphone: { codecOptions: { opusDtx: true, opusFec: true, opusStereo: false } },
  camera: { encodings: [{ maxBitrate: 1_500_000 }], codecOptions: { videoGoogleStartBitrate: 600 } },
  // Text must stay sharp, so bits go before frames.
  screen: {
    encodings: [{ maxBitrate: 4_000_000, maxFramerate: 15 }],
    codecOptions: { videoGoogleStartBitrate: 1_000 },
  },
  // Music and films: no gaps, both channels.
  'screen-audio': { codecOptions: { opusDtx: false, opusFec: true, opusStereo: true, opusMaxAverageBitrate: 128_000 } },
};

const contentHints: Readonly<Record<TrackSource, string>> = {
  microphone: 'speech',
  camera: 'motion',
  screen: 'detail',
  'screen-audio': 'music',
};

export function toSendOptions(
  source: TrackSource,
  encodings: readonly types.RtpEncodingParameters[] | undefined,
): SendOptions {
  return encodings ? { ...defaults[source], encodings: [...encodings] } : defaults[source];
}

/** Tells the platform's encoder what the track shows or plays, unless the application did. */
export function hintContent(track: MediaStreamTrack, source: TrackSource): void {
  if (track.contentHint === '') track.contentHint = contentHints[source];
}
