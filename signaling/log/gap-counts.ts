import type { LogGap } from '../../proto/gen/types.ts';

/** How often a reader was told that records are lost to it, and why. */
export type GapCounts = Record<LogGap['reason'], number>;

export const noGaps = (): GapCounts => ({ epoch: 0, trimmed: 0, fork: 0, slow: 0 });
