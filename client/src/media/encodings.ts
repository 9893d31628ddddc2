import type { types } from 'mediasoup-client';
import type { TrackSource, VideoCodec } from '../api.ts';

export type SendOptions = Pick<types.ProducerOptions, 'encodings' | 'codecOptions'>;

interface SentAs {
  readonly source: TrackSource;
  readonly encodings: readonly types.RtpEncodingParameters[] | undefined;
  readonly codec: VideoCodec | undefined;
  /** The longer side of the picture; undefined: not known. */
  readonly longSide: number | undefined;
}

const codecOptions: Readonly<Record<TrackSource, types.ProducerCodecOptions>> = {
  // Voice: silence costs nearly nothing (RFC 6716 section 2.1.9), and a lost packet is in the next one too.
  microphone: { opusDtx: true, opusFec: true, opusStereo: false },
  camera: { videoGoogleStartBitrate: 600 },
  screen: { videoGoogleStartBitrate: 1_000 },
  // Music and films: no gaps, both channels.
  'screen-audio': { opusDtx: false, opusFec: true, opusStereo: true, opusMaxAverageBitrate: 128_000 },
};

/** From the smallest to the largest, for 720 lines. Who shows it small does not pay for the large picture. */
const cameraLayers: readonly types.RtpEncodingParameters[] = [
  { scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
];
/** Browsers send a picture below this in fewer layers, and leave the largest out: so fewer are asked for. */
const longSideOf: { readonly three: number; readonly two: number } = { three: 960, two: 480 };

/**
 * Text must stay sharp however small it is shown: it is sent whole at a few frames, and at all of them. The few fit into a
 * line of 300 kbit/s beside a voice, and a layer that does not fit is not forwarded at all. Before a camera of the same
 * sender it has what the line bears; Chromium takes the priority with the first encoding, for all of them.
 */
const screenLayers: readonly types.RtpEncodingParameters[] = [
  { scaleResolutionDownBy: 1, maxFramerate: 5, maxBitrate: 200_000, scalabilityMode: 'L1T2', priority: 'high' },
  { scaleResolutionDownBy: 1, maxFramerate: 30, maxBitrate: 3_000_000, scalabilityMode: 'L1T2' },
];

/** Several layers in one stream, which decoders of these codecs understand. */
const scalable: Readonly<Partial<Record<VideoCodec, string>>> = { vp9: 'L3T3_KEY', av1: 'L1T3' };

const scalableBitrate = { camera: 1_500_000, screen: 3_000_000 } as const;

const contentHints: Readonly<Record<TrackSource, string>> = {
  microphone: 'speech',
  camera: 'motion',
  screen: 'detail',
  'screen-audio': 'music',
};

/** How a track is sent where the application does not say. */
export function toSendOptions({ source, encodings, codec, longSide }: SentAs): SendOptions {
  const chosen = encodings ?? defaultEncodings(source, codec, longSide);
  // The media library writes into what it is given.
  return {
    codecOptions: codecOptions[source],
    ...(chosen && { encodings: chosen.map((encoding) => ({ ...encoding })) }),
  };
}

function defaultEncodings(
  source: TrackSource,
  codec: VideoCodec | undefined,
  longSide = longSideOf.three,
): readonly types.RtpEncodingParameters[] | undefined {
  if (source !== 'camera' && source !== 'screen') return undefined;
  const layers = source === 'camera' ? cameraLayersFor(longSide) : screenLayers;
  const scalabilityMode = codec && scalable[codec];
  if (scalabilityMode === undefined) return layers;
  return [{ scalabilityMode, maxBitrate: scalableBitrate[source] }];
}

function cameraLayersFor(longSide: number): readonly types.RtpEncodingParameters[] {
  if (longSide >= longSideOf.three) return cameraLayers;
  return cameraLayers.slice(longSide >= longSideOf.two ? 1 : 2);
}

/** Tells the platform's encoder what the track shows or plays, unless the application did. */
export function hintContent(track: MediaStreamTrack, source: TrackSource): void {
  if (track.contentHint === '') track.contentHint = contentHints[source];
}
