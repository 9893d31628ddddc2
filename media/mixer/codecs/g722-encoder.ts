import { MirrorFilter } from './g722-mirror-filter.ts';
import { SubBand } from './g722-predictor.ts';
import {
  highLevels,
  highScaleSteps,
  lowCodesAbove,
  lowCodesBelow,
  lowDecisions,
  lowLevels4,
  lowScaleSteps,
} from './g722-tables.ts';
import { limit16 } from './limits.ts';
import type { VoiceRate } from './voice-codec.ts';

const lastInterval = lowCodesAbove.length - 1;

/** ITU-T G.722 section 3, at 64 kbit/s. At 8 kHz it takes what the lower sub-band holds; the higher stays silent. */
export class G722Encoder {
  readonly sampleRate: VoiceRate;
  readonly #low = new SubBand('low');
  readonly #high = new SubBand('high');
  readonly #filter = new MirrorFilter();

  constructor(sampleRate: VoiceRate) {
    this.sampleRate = sampleRate;
  }

  /** Writes a byte for each sample (8 kHz) or pair of samples (16 kHz); `payload` is as long as what is wanted. */
  encode(pcm: Int16Array, payload: Uint8Array): void {
    if (this.sampleRate === 8000) {
      for (let i = 0; i < payload.length; i += 1) {
        payload[i] = this.#encodeLow((pcm[i] ?? 0) >> 1) | this.#encodeHigh(0);
      }
      return;
    }
    const filter = this.#filter;
    for (let i = 0; i < payload.length; i += 1) {
      filter.push(pcm[2 * i] ?? 0, pcm[2 * i + 1] ?? 0);
      const low = (filter.seconds + filter.firsts) >> 14;
      const high = (filter.seconds - filter.firsts) >> 14;
      payload[i] = this.#encodeLow(low) | this.#encodeHigh(high);
    }
  }

  #encodeLow(sample: number): number {
    const band = this.#low;
    const scale = band.scale;
    const error = limit16(sample - band.predicted);
    const interval = intervalOf(error < 0 ? ~error : error, scale);
    const code = (error < 0 ? lowCodesBelow[interval] : lowCodesAbove[interval]) ?? 0;
    const coarse = code >> 2;
    band.rescale(lowScaleSteps[coarse] ?? 0);
    band.adapt((scale * (lowLevels4[coarse] ?? 0)) >> 15);
    return code;
  }

  #encodeHigh(sample: number): number {
    const band = this.#high;
    const scale = band.scale;
    const error = limit16(sample - band.predicted);
    const isFar = (error < 0 ? ~error : error) >= (564 * scale) >> 12;
    // IHN and IHP.
    const bits = (error < 0 ? 0 : 2) | (isFar ? 0 : 1);
    band.rescale(highScaleSteps[bits] ?? 0);
    band.adapt((scale * (highLevels[bits] ?? 0)) >> 15);
    return bits << 6;
  }
}

/** QUANTL: how many decision levels are at or below the magnitude, found by halving, without a branch. */
function intervalOf(magnitude: number, scale: number): number {
  let count = 0;
  for (let step = 16; step > 0; step >>= 1) {
    const level = ((lowDecisions[count + step - 1] ?? 0) * scale) >> 12;
    count += step & ~((magnitude - level) >> 31);
  }
  return Math.min(count, lastInterval);
}
