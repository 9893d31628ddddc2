import { MirrorFilter } from './g722-mirror-filter.ts';
import { SubBand } from './g722-predictor.ts';
import { highLevels, highScaleSteps, lowLevels4, lowLevels6, lowScaleSteps } from './g722-tables.ts';
import { limit15, limit16 } from './limits.ts';
import type { VoiceRate } from './voice-codec.ts';

/** ITU-T G.722 section 4, at 64 kbit/s. At 8 kHz it hears the lower sub-band alone, for less than half of the work. */
export class G722Decoder {
  readonly sampleRate: VoiceRate;
  readonly #low = new SubBand('low');
  readonly #high = new SubBand('high');
  readonly #filter = new MirrorFilter();

  constructor(sampleRate: VoiceRate) {
    this.sampleRate = sampleRate;
  }

  /** Writes one sample (8 kHz) or two (16 kHz) for each of the first bytes; `pcm` is as long as what is wanted. */
  decode(payload: Uint8Array, pcm: Int16Array): void {
    if (this.sampleRate === 8000) {
      for (let i = 0; i < pcm.length; i += 1) pcm[i] = this.#decodeLow(payload[i] ?? 0) << 1;
      return;
    }
    const filter = this.#filter;
    for (let i = 0; i < pcm.length >> 1; i += 1) {
      const code = payload[i] ?? 0;
      const low = this.#decodeLow(code);
      const high = this.#decodeHigh(code);
      filter.push(low + high, low - high);
      pcm[2 * i] = limit16(filter.seconds >> 11);
      pcm[2 * i + 1] = limit16(filter.firsts >> 11);
    }
  }

  #decodeLow(code: number): number {
    const band = this.#low;
    const { predicted, scale } = band;
    const heard = limit15(predicted + ((scale * (lowLevels6[code & 63] ?? 0)) >> 15));
    const coarse = (code & 63) >> 2;
    band.rescale(lowScaleSteps[coarse] ?? 0);
    band.adapt((scale * (lowLevels4[coarse] ?? 0)) >> 15);
    return heard;
  }

  #decodeHigh(code: number): number {
    const band = this.#high;
    const bits = code >> 6;
    const difference = (band.scale * (highLevels[bits] ?? 0)) >> 15;
    const heard = limit15(band.predicted + difference);
    band.rescale(highScaleSteps[bits] ?? 0);
    band.adapt(difference);
    return heard;
  }
}
