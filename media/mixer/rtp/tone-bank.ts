/** ITU-T Q.23. */
const rowHz = [697, 770, 852, 941];
const columnHz = [1209, 1336, 1477, 1633];
const keys = ['123A', '456B', '789C', '*0#D'];
const tones = 8;

/** Each tone, of full scale: -36 dB. Q.24 asks for what a telephone sends over a line, -27 dBm0 and more. */
const minPower = 10 ** (-36 / 10) / 2;
/** Q.24: the high tone may be 4 dB louder, the low one 8 dB; what a block leaks from one to the other comes on top. */
const maxHighOverLow = 10 ** (6 / 10);
const maxLowOverHigh = 10 ** (10 / 10);
/** Each tone over the others of its group: a voice has its power at more places. */
const minOverOthers = 10 ** (8 / 10);
/** The two tones' part of all the power, where both are 1.5 % off (Q.24): what talks has more beside them. */
const minPart = 0.7;

/** Looks for the eight tones of a keypad in one block of sound after another (Goertzel). */
export class ToneBank {
  readonly #samples: number;
  /** 2 cos(2 pi f / rate) of each tone. */
  readonly #factors: Float64Array;
  readonly #last = new Float64Array(tones);
  readonly #beforeLast = new Float64Array(tones);
  readonly #powers = new Float64Array(tones);
  #energy = 0;
  #power = 0;

  /** Of blocks of so many samples. */
  constructor({ samples, sampleRate }: { readonly samples: number; readonly sampleRate: number }) {
    this.#samples = samples;
    this.#factors = Float64Array.from([...rowHz, ...columnHz], (hz) => 2 * Math.cos((2 * Math.PI * hz) / sampleRate));
  }

  /** Of the two tones of the last block that was ended, of a full scale of 1. */
  get power(): number {
    return this.#power;
  }

  filter(pcm: Int16Array, from: number, to: number): void {
    for (let tone = 0; tone < tones; tone++) {
      const factor = this.#factors[tone] ?? 0;
      let last = this.#last[tone] ?? 0;
      let beforeLast = this.#beforeLast[tone] ?? 0;
      for (let at = from; at < to; at++) {
        const next = (pcm[at] ?? 0) + factor * last - beforeLast;
        beforeLast = last;
        last = next;
      }
      this.#last[tone] = last;
      this.#beforeLast[tone] = beforeLast;
    }
    for (let at = from; at < to; at++) this.#energy += (pcm[at] ?? 0) ** 2;
  }

  /** A block is whole: answers the digit that it sounds like. */
  endBlock(): string | undefined {
    const powers = this.#powers;
    for (let tone = 0; tone < tones; tone++) {
      const last = this.#last[tone] ?? 0;
      const beforeLast = this.#beforeLast[tone] ?? 0;
      const square = last * last + beforeLast * beforeLast - (this.#factors[tone] ?? 0) * last * beforeLast;
      powers[tone] = (2 * square) / (this.#samples * 32_768) ** 2;
    }
    const mean = this.#energy / this.#samples / 32_768 ** 2;
    this.#last.fill(0);
    this.#beforeLast.fill(0);
    this.#energy = 0;
    return this.#digitOf(mean);
  }

  #digitOf(meanPower: number): string | undefined {
    const powers = this.#powers;
    const row = loudest(powers, 0);
    const column = loudest(powers, 4);
    const low = powers[row] ?? 0;
    const high = powers[column] ?? 0;
    this.#power = low + high;
    const isLoud = low >= minPower && high >= minPower;
    const isEven = high <= low * maxHighOverLow && low <= high * maxLowOverHigh;
    const isPure = low + high >= minPart * meanPower && isAlone(powers, 0, row) && isAlone(powers, 4, column);
    return isLoud && isEven && isPure ? keys[row]?.[column - 4] : undefined;
  }
}

function loudest(powers: Float64Array, group: number): number {
  let best = group;
  for (let tone = group + 1; tone < group + 4; tone++) if ((powers[tone] ?? 0) > (powers[best] ?? 0)) best = tone;
  return best;
}

function isAlone(powers: Float64Array, group: number, best: number): boolean {
  for (let tone = group; tone < group + 4; tone++) {
    if (tone !== best && (powers[tone] ?? 0) * minOverOthers > (powers[best] ?? 0)) return false;
  }
  return true;
}
