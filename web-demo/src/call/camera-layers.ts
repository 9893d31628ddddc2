// A camera is sent in three sizes at once (simulcast): who shows it small does not pay for the large picture.

/** From the smallest to the largest, for a camera of 720 lines. Of a smaller one, the browser leaves the smallest out. */
export const cameraEncodings = [
  { scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
];

/** The layer that a tile of this height needs: 0 for 180 lines, 1 for 360, 2 for all. A little too few is not seen. */
export function preferredLayer(heightPx: number, pixelRatio: number): number {
  const lines = heightPx * pixelRatio;
  if (lines <= 200) return 0;
  return lines <= 440 ? 1 : 2;
}
