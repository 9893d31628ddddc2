import { scaleOctave } from './g722-tables.ts';
import { limit16 } from './limits.ts';

// Signs are as good as random, so that a branch by them is mispredicted half of the time. These have none.

/** -1 where they do, else 0. Zero is positive. */
function signsDiffer(one: number, other: number): number {
  return (one ^ other) >> 31;
}

/** Turned where `turn` is -1, as it is where that is 0. */
function withSign(value: number, turn: number): number {
  return (value ^ turn) - turn;
}

/**
 * One sub-band's adaptive predictor and scale (ITU-T G.722 sections 3.5 and 3.6), the same in encoder and decoder: each
 * follows from what was sent alone.
 */
export class SubBand {
  /** S, the estimate of the next sample. */
  predicted = 0;
  /** DET, what the codes are multiplied with. */
  scale: number;
  /** NB, its logarithm. */
  #scaleLog = 0;
  readonly #scaleLogMax: number;
  readonly #scaleShift: number;
  /** SZ, the part of the estimate that is made of differences. */
  #fromZeros = 0;
  /** A: of the two poles. */
  #a1 = 0;
  #a2 = 0;
  /** R: reconstructed samples. */
  #r1 = 0;
  /** P: partially reconstructed, of which only the signs count. */
  #p1 = 0;
  #p2 = 0;
  /** B: of the six zeros. */
  readonly #b = new Int32Array(6);
  /** D: the last six differences, the newest first. */
  readonly #d = new Int32Array(6);

  constructor(band: 'low' | 'high') {
    this.scale = band === 'low' ? 32 : 8;
    this.#scaleLogMax = band === 'low' ? 18_432 : 22_528;
    this.#scaleShift = band === 'low' ? 8 : 10;
  }

  /** LOGSCL and SCALEL, LOGSCH and SCALEH: `step` is what the table says to the code. */
  rescale(step: number): void {
    const log = Math.min(this.#scaleLogMax, Math.max(0, ((this.#scaleLog * 127) >> 7) + step));
    this.#scaleLog = log;
    const shift = this.#scaleShift - (log >> 11);
    const octave = scaleOctave[(log >> 6) & 31] ?? 0;
    this.scale = (shift < 0 ? octave << -shift : octave >> shift) << 2;
  }

  /** Takes the difference that was sent, and estimates the next sample. */
  adapt(difference: number): void {
    const reconstructed = limit16(this.predicted + difference);
    const partial = limit16(this.#fromZeros + difference);
    const turn = signsDiffer(partial, this.#p1);

    // UPPOL2, UPPOL1.
    const pull = limit16(-withSign(limit16(this.#a1 << 2), turn)) >> 7;
    const secondPole = pull + withSign(128, signsDiffer(partial, this.#p2)) + ((this.#a2 * 32_512) >> 15);
    const a2 = Math.max(-12_288, Math.min(12_288, secondPole));
    const limit = 15_360 - a2;
    const firstPole = withSign(192, turn) + ((this.#a1 * 32_640) >> 15);
    const a1 = Math.max(-limit, Math.min(limit, firstPole));

    // UPZERO, FILTEZ and the delay line in one go, from the oldest on.
    const b = this.#b;
    const d = this.#d;
    const gain = difference === 0 ? 0 : 128;
    let zeros = 0;
    for (let i = 5; i >= 0; i -= 1) {
      const coefficient = withSign(gain, signsDiffer(d[i] ?? 0, difference)) + (((b[i] ?? 0) * 32_640) >> 15);
      b[i] = coefficient;
      const next = i === 0 ? difference : (d[i - 1] ?? 0);
      d[i] = next;
      zeros += (coefficient * limit16(next + next)) >> 15;
    }

    // FILTEP, PREDIC.
    const poles = limit16(
      ((a1 * limit16(reconstructed + reconstructed)) >> 15) + ((a2 * limit16(this.#r1 + this.#r1)) >> 15),
    );
    this.#r1 = reconstructed;
    this.#p2 = this.#p1;
    this.#p1 = partial;
    this.#a1 = a1;
    this.#a2 = a2;
    this.#fromZeros = zeros;
    this.predicted = limit16(poles + zeros);
  }
}
