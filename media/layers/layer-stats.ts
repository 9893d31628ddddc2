/** What the rules over layers did on this node since its start. */
export interface LayerStats {
  /** Pictures that are not forwarded now, as their clients show nothing of them. */
  hidden: number;
  /** Words to senders about the highest layer that is shown. */
  readonly wanted: { up: number; down: number };
  /** What was tried on tracks that did not flow. */
  readonly mended: { keyFrame: number; lowerLayers: number; hold: number; restart: number };
}

export function createLayerStats(): LayerStats {
  return { hidden: 0, wanted: { up: 0, down: 0 }, mended: { keyFrame: 0, lowerLayers: 0, hold: 0, restart: 0 } };
}
