import { limit16 } from './limits.ts';
import type { VoiceRate } from './voice-codec.ts';

/** Voices from 66 to 200 Hz; of a higher one, several periods are repeated together. */
const longestPeriodMs = 15;
const shortestPeriodMs = 5;
/** What is compared to find the period. */
const windowMs = 20;
/** The voice is repeated as it was for so long, and fades until then (ITU-T G.711 appendix I: a fifth per 10 ms). */
const wholeMs = 10;
const fadedMs = 60;
/** A repeated voice and the next real one are blended for so long. */
const shortestBlendMs = 5;
const longestBlendMs = 10;

/**
 * Fills holes by repeating the last period of the voice with a fade, after ITU-T G.711 appendix I, without its delay
 * of 3.75 ms: where the hole begins, the repetition is bent to the last sample instead of being blended with it.
 */
export class LossConcealment {
  readonly #perMs: number;
  /** The last samples that were heard, real or made up, the newest at the end. */
  readonly #past: Int16Array;
  /** The period that is repeated. */
  readonly #cycle: Float32Array;
  #period = 0;
  #next = 0;
  /** Of the samples made up since the last real one; 0: nothing is missing. */
  #missing = 0;
  /** What the repetition lacks to go on from the last sample. */
  #step = 0;

  constructor(sampleRate: VoiceRate) {
    this.#perMs = sampleRate / 1000;
    this.#past = new Int16Array((windowMs + longestPeriodMs) * this.#perMs);
    this.#cycle = new Float32Array(longestPeriodMs * this.#perMs);
  }

  /** Hears what came. After a hole, its first milliseconds are blended in place with what filled the hole. */
  heard(pcm: Int16Array): void {
    if (this.#missing > 0 && pcm.length > 0) this.#blend(pcm);
    this.#remember(pcm);
  }

  /** Makes up what did not come. */
  fill(pcm: Int16Array): void {
    if (this.#missing === 0) this.#begin();
    const bend = this.#period >> 2 || 1;
    for (let i = 0; i < pcm.length; i += 1) {
      const bent = this.#missing < bend ? this.#step * (1 - this.#missing / bend) : 0;
      pcm[i] = toSample(this.#repeat() + bent);
    }
    this.#remember(pcm);
  }

  #begin(): void {
    const past = this.#past;
    const end = past.length;
    const period = this.#findPeriod();
    this.#period = period;
    this.#next = 0;
    for (let i = 0; i < period; i += 1) this.#cycle[i] = past[end - period + i] ?? 0;
    // The end of the period runs into what came before its beginning, so that it can be repeated without a step.
    const blend = Math.min(period >> 2, end - period);
    for (let i = 0; i < blend; i += 1) {
      const share = (i + 1) / (blend + 1);
      const at = period - blend + i;
      this.#cycle[at] = (this.#cycle[at] ?? 0) * (1 - share) + (past[end - period - blend + i] ?? 0) * share;
    }
    this.#step = (past[end - 1] ?? 0) - (past[end - period - 1] ?? 0);
  }

  /** The lag at which the last milliseconds resemble themselves most: first roughly, then exactly. */
  #findPeriod(): number {
    const shortest = shortestPeriodMs * this.#perMs;
    const longest = longestPeriodMs * this.#perMs;
    const coarse = this.#perMs / 4;
    const about = this.#bestLag(shortest, longest, coarse, coarse);
    return this.#bestLag(Math.max(shortest, about - coarse), Math.min(longest, about + coarse), 1, 2);
  }

  #bestLag(from: number, to: number, step: number, stride: number): number {
    const past = this.#past;
    const end = past.length;
    const begin = end - windowMs * this.#perMs;
    let best = from;
    let bestScore = Number.NEGATIVE_INFINITY;
    for (let lag = from; lag <= to; lag += step) {
      let product = 0;
      let energy = 1;
      for (let i = begin; i < end; i += stride) {
        const before = past[i - lag] ?? 0;
        product += (past[i] ?? 0) * before;
        energy += before * before;
      }
      const score = product / Math.sqrt(energy);
      if (score > bestScore) {
        bestScore = score;
        best = lag;
      }
    }
    return best;
  }

  /** The next sample of the repetition, faded. */
  #repeat(): number {
    const ms = this.#missing / this.#perMs;
    this.#missing += 1;
    if (ms >= fadedMs) return 0;
    const sample = this.#cycle[this.#next] ?? 0;
    this.#next = this.#next + 1 === this.#period ? 0 : this.#next + 1;
    return ms < wholeMs ? sample : sample * (1 - (ms - wholeMs) / (fadedMs - wholeMs));
  }

  #blend(pcm: Int16Array): void {
    const lostMs = this.#missing / this.#perMs;
    const blendMs = Math.min(longestBlendMs, shortestBlendMs + lostMs / 10);
    const blend = Math.min(pcm.length, Math.round(blendMs * this.#perMs));
    for (let i = 0; i < blend; i += 1) {
      const share = (i + 1) / (blend + 1);
      pcm[i] = toSample((pcm[i] ?? 0) * share + this.#repeat() * (1 - share));
    }
    this.#missing = 0;
  }

  #remember(pcm: Int16Array): void {
    const past = this.#past;
    if (pcm.length >= past.length) {
      for (let i = 0, from = pcm.length - past.length; i < past.length; i += 1) past[i] = pcm[from + i] ?? 0;
      return;
    }
    past.copyWithin(0, pcm.length);
    past.set(pcm, past.length - pcm.length);
  }
}

function toSample(value: number): number {
  return limit16(Math.round(value));
}
