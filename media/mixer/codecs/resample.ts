import { limit16, longestPacketMs } from './limits.ts';
import { ReusedArray } from './reused-array.ts';

/** On each side of the filter's middle, of those that are not zero. */
const taps = 12;
/** The unit of the taps, small enough that sums of 16 bits stay within 32. */
const one = 1 << 14;
/** Of Kaiser's window. */
const shape = 5.65;

/**
 * The odd taps of a half-band low-pass, from the middle outwards. It lets 3.4 kHz through and is down by 50 dB at 4.7 kHz;
 * the tap in the middle is one half, all other even ones are zero.
 */
const halfBand = toWhole(
  Array.from({ length: taps }, (_, index) => {
    const at = 2 * index + 1;
    const ideal = Math.sin((Math.PI * at) / 2) / at;
    return ideal * bessel(shape * Math.sqrt(1 - (at / (2 * taps)) ** 2));
  }),
);

/** Both sides together are one, so that what does not change stays as loud as it was. */
function toWhole(curve: readonly number[]): Int32Array {
  const sum = curve.reduce((total, value) => total + value, 0);
  const whole = Int32Array.from(curve, (value) => Math.round((value / sum) * one * 0.5));
  whole[0] = (whole[0] ?? 0) + one / 2 - whole.reduce((total, value) => total + value, 0);
  return whole;
}

/** The modified Bessel function of order 0. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; k < 30; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** From 8 to 16 kHz, over packets without a seam; 1.5 ms late. */
export class Upsampler {
  readonly #line = new Int32Array(2 * taps + 8 * longestPacketMs);
  readonly #pcm = new ReusedArray(new Int16Array(16 * longestPacketMs));

  /** Of at most 120 ms. The array is used again by the next call. */
  process(pcm: Int16Array): Int16Array {
    const line = this.#line;
    line.set(pcm, 2 * taps);
    const output = this.#pcm.ofLength(2 * pcm.length);
    for (let i = 0; i < pcm.length; i += 1) {
      const middle = i + taps;
      let sum = one / 2;
      for (let tap = 0; tap < taps; tap += 1) {
        sum += Math.imul(halfBand[tap] ?? 0, (line[middle - tap] ?? 0) + (line[middle + 1 + tap] ?? 0));
      }
      output[2 * i] = line[middle] ?? 0;
      output[2 * i + 1] = limit16(sum >> 14);
    }
    line.copyWithin(0, pcm.length, pcm.length + 2 * taps);
    return output;
  }
}

/** From 16 to 8 kHz, over packets without a seam; 1.5 ms late. */
export class Downsampler {
  readonly #line = new Int32Array(4 * taps + 16 * longestPacketMs);
  readonly #pcm = new ReusedArray(new Int16Array(8 * longestPacketMs));

  /** Of an even count of samples, at most 120 ms. The array is used again by the next call. */
  process(pcm: Int16Array): Int16Array {
    const line = this.#line;
    line.set(pcm, 4 * taps);
    const output = this.#pcm.ofLength(pcm.length >> 1);
    for (let i = 0; i < output.length; i += 1) {
      const middle = 2 * (i + taps);
      let sum = one + Math.imul(one, line[middle] ?? 0);
      for (let tap = 0; tap < taps; tap += 1) {
        const away = 2 * tap + 1;
        sum += Math.imul(halfBand[tap] ?? 0, (line[middle - away] ?? 0) + (line[middle + away] ?? 0));
      }
      output[i] = limit16(sum >> 15);
    }
    line.copyWithin(0, pcm.length, pcm.length + 4 * taps);
    return output;
  }
}
