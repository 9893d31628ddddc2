import type { TrackShape } from '../../proto/gen/node-types.ts';
import type { RoomProducer } from '../room-objects.ts';

/** What others have to know of a track before they ask for it. */
export function shapeOf({ id, engine, rtpParameters }: RoomProducer): TrackShape | undefined {
  const [codec] = rtpParameters.codecs;
  if (codec === undefined) return undefined;
  return {
    producerId: id,
    mimeType: codec.mimeType,
    clockRate: codec.clockRate,
    channels: codec.channels,
    spatialLayers: engine.layers.spatial,
    temporalLayers: engine.layers.temporal,
    scales:
      rtpParameters.encodings.length > 1
        ? rtpParameters.encodings.map(({ scaleResolutionDownBy }) => scaleResolutionDownBy ?? 0)
        : [],
  };
}
