import type { ConsumerView } from '../../proto/gen/types.ts';
import type { Layers } from '../engine.ts';
import type { PixelSize, PreferredLayers, TrackSource } from '../media.ts';

/** What is sent, as far as its layers are concerned. */
export interface Produced {
  readonly source: TrackSource;
  /** Of its largest layer; undefined: not known. */
  readonly size: PixelSize | undefined;
  readonly layers: Layers;
  /** By how much each spatial layer is smaller, where its sender says so; the lowest layer first. */
  readonly scales: readonly (number | undefined)[];
}

/** What most cameras are opened with. */
const usualSize: PixelSize = { width: 1280, height: 720 };
/** A picture that is enlarged by less than this is not seen to be. */
const tolerance = 1.15;
/** Below this part of its height nobody reads a screen, however many frames there are. */
const legibleShare = 1 / 4;

/**
 * The layers that fill what a client shows of a track: the smallest one that need not be enlarged. `undefined`: all of them,
 * `hidden`: none.
 */
export function layerForView(
  view: ConsumerView | undefined,
  produced: Produced,
): PreferredLayers | 'hidden' | undefined {
  if (view?.hidden) return 'hidden';
  const highest = produced.layers.spatial - 1;
  // Without a size nothing is known of how it is shown.
  if (!view || view.height === 0 || highest <= 0) return undefined;
  const spatialLayer = lowestThatFills(view.height, produced);
  return spatialLayer < highest ? { spatialLayer, temporalLayer: undefined } : undefined;
}

function lowestThatFills(shownHeight: number, { source, size = usualSize, layers, scales }: Produced): number {
  const highest = layers.spatial - 1;
  // Layers of a screen differ in frames and not in size.
  if (source === 'screen' && shownHeight >= size.height * legibleShare) return highest;
  for (let layer = 0; layer < highest; layer += 1) {
    if (source === 'screen' || (size.height / scaleOf(layer)) * tolerance >= shownHeight) return layer;
  }
  return highest;

  function scaleOf(layer: number): number {
    return scales[layer] ?? 2 ** (highest - layer);
  }
}
