// How good a track is to whoever hears or sees it, from 1 (bad) to 5 (as if there were no network).

export interface SoundFacts {
  /** Share of packets that never came, 0 to 1. */
  readonly loss: number;
  readonly jitterMs: number;
  readonly rttMs: number;
}

export interface PictureFacts {
  readonly loss: number;
  readonly rttMs: number;
  /** Share of the time in which the picture stood still, 0 to 1. */
  readonly freezeShare: number;
  /** What comes of what was asked for, 0 to 1: layers, or frames a second. */
  readonly layerShare: number;
}

/** Capturing, encoding and playing, in milliseconds. Ours. */
const ownDelayMs = 40;
/** R of a call without any impairment (ITU-T G.107, its default values). */
const bestR = 93.2;
/** How many percent of loss halve what is left. Ours, for Opus with in-band FEC; G.113 has 4.3 to 34 for other codecs. */
const lossRobustness = 10;

/**
 * The E-model (ITU-T G.107) without what a packet network has no part in, stretched so that no impairment is 5 and not 4.4.
 */
export function soundScore({ loss, jitterMs, rttMs }: SoundFacts): number {
  const ideal = meanOpinionOf(bestR - delayImpairment(ownDelayMs));
  const percent = loss * 100;
  // A jitter buffer holds about twice the jitter.
  const delay = delayImpairment(ownDelayMs + rttMs / 2 + 2 * jitterMs);
  const opinion = meanOpinionOf(bestR - delay - (95 * percent) / (percent + lossRobustness));
  return clamp(1 + (4 * (opinion - 1)) / (ideal - 1));
}

/** Ours: lost packets of pictures are mostly sent again, so what counts is what stands still and what does not come. */
export function pictureScore({ loss, rttMs, freezeShare, layerShare }: PictureFacts): number {
  const missing = 1 - Math.min(layerShare, 1);
  const late = Math.max(rttMs - 150, 0) / 400;
  return clamp(5 - 8 * loss - 6 * freezeShare - 4 * missing ** 1.5 - Math.min(late, 2));
}

/** G.107 (2015), Id for delays beyond 177.3 ms, as simplified by Cole and Rosenbluth. */
function delayImpairment(ms: number): number {
  return 0.024 * ms + 0.11 * Math.max(ms - 177.3, 0);
}

/** G.107 annex B. It falls a little below 1 for a small R, where it is 1. */
function meanOpinionOf(r: number): number {
  if (r <= 0) return 1;
  return Math.max(1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6, 1);
}

function clamp(score: number): number {
  return Math.min(Math.max(score, 1), 5);
}
