import { dbToGain } from './levels.ts';
import { longestPacketMs } from './limits.ts';
import { Upsampler } from './resample.ts';
import { ReusedArray } from './reused-array.ts';
import type { VoiceRate } from './voice-codec.ts';

/** More coefficients than this are not listened to: the first ones tell nearly all. */
const maxOrder = 12;
/** Noise above this is no comfort. */
const loudestDbov = -30;
/** No sample goes beyond four times that: a filter that was changed while it rang is loud for a moment. */
const highestSample = 32_768 * dbToGain(loudestDbov + 12);
/** A filter closer to the edge rings. */
const largestReflection = 0.98;

/**
 * The noise behind a voice, made here while the phone sends nothing but how loud it is and how it sounds (RFC 3389).
 * Its spectrum is that of 8 kHz, as its payload type is.
 */
export class ComfortNoise {
  /** Whether noise is to be filled in: the last that came was noise, not voice. */
  isHeard = false;
  readonly #upsampler: Upsampler | undefined;
  readonly #narrow = new ReusedArray(new Int16Array(8 * longestPacketMs));
  readonly #reflections = new Float64Array(maxOrder);
  readonly #line = new Float64Array(maxOrder + 1);
  #order = 0;
  /** Of the noise before it is shaped, such that it is as loud as was told after it. */
  #amplitude = 0;
  #random = 0x2545f491;

  constructor(sampleRate: VoiceRate) {
    this.#upsampler = sampleRate === 8000 ? undefined : new Upsampler();
  }

  /** Takes a packet of the payload type CN; the level, then reflection coefficients. An empty one tells nothing. */
  hear(payload: Uint8Array): void {
    const level = payload[0];
    if (level === undefined) return;
    this.isHeard = true;
    this.#order = Math.min(maxOrder, payload.length - 1);
    let gain = 1;
    for (let i = 0; i < this.#order; i += 1) {
      // RFC 3389 section 3.1: -127 to 127 in steps of 258/32768.
      const told = (((payload[i + 1] ?? 127) - 127) * 258) / 32_768;
      const reflection = Math.max(-largestReflection, Math.min(largestReflection, told));
      this.#reflections[i] = reflection;
      gain *= 1 - reflection * reflection;
    }
    // Evenly distributed numbers have a third of the power of their limits.
    const loudness = 32_768 * dbToGain(Math.min(loudestDbov, -(level & 0x7f)));
    this.#amplitude = loudness * Math.sqrt(3 * gain);
  }

  /** A voice, or nothing at all, comes instead. */
  stop(): void {
    this.isHeard = false;
    this.#line.fill(0);
  }

  /** Fills in noise, at most 120 ms; silence where none is heard. */
  fill(pcm: Int16Array): void {
    if (!this.isHeard) {
      pcm.fill(0);
    } else if (this.#upsampler) {
      const narrow = this.#narrow.ofLength(pcm.length >> 1);
      this.#make(narrow);
      pcm.set(this.#upsampler.process(narrow));
    } else {
      this.#make(pcm);
    }
  }

  /** White noise through a lattice of poles. */
  #make(pcm: Int16Array): void {
    const line = this.#line;
    for (let i = 0; i < pcm.length; i += 1) {
      this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) | 0;
      let forward = (this.#random / 2 ** 31) * this.#amplitude;
      for (let k = this.#order; k > 0; k -= 1) {
        const reflection = this.#reflections[k - 1] ?? 0;
        forward -= reflection * (line[k - 1] ?? 0);
        line[k] = (line[k - 1] ?? 0) + reflection * forward;
      }
      line[0] = forward;
      pcm[i] = Math.round(Math.max(-highestSample, Math.min(highestSample, forward)));
    }
  }
}
