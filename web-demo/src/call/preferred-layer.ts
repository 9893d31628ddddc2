/**
 * The simulcast layer that a tile of this height needs: 0 for the smallest picture, 2 for the largest.
 * A camera sends 720 lines in its largest layer, half and a quarter of that in the others.
 */
export function preferredLayer(heightPx: number, pixelRatio: number): number {
  const lines = heightPx * pixelRatio;
  if (lines <= 200) return 0;
  return lines <= 440 ? 1 : 2;
}
