import { type Digit, noDigits } from './digit.ts';
import { ToneBank } from './tone-bank.ts';

/** A block tells the tones apart; the next one begins in its middle. */
const stepMs = 6.375;
/**
 * So many blocks in a row with the same pair begin a digit, so many without it end it: any press of 40 ms has them, none of
 * 24 ms (ITU-T Q.24), and no gap of 10 ms makes two presses of one.
 */
const blocksToBegin = 4;
const blocksToEnd = 4;
/** Two blocks of one press differ by less than that. */
const maxChange = 10 ** (6 / 10);

/** Digits from tones in the sound itself (ITU-T Q.24), for phones that send no events. */
export class ToneDetector {
  readonly #stepSamples: number;
  /** Two that are half a block apart: one of them ends a block with every step. */
  readonly #banks: readonly [ToneBank, ToneBank];
  #turn: 0 | 1 = 0;
  #filled = 0;
  #seen: string | undefined;
  #seenBlocks = 0;
  #seenPower = 0;
  #pressed: string | undefined;
  #pressedBlocks = 0;
  #missedBlocks = 0;

  constructor({ sampleRate }: { readonly sampleRate: 8000 | 16_000 }) {
    this.#stepSamples = (stepMs * sampleRate) / 1000;
    const options = { samples: 2 * this.#stepSamples, sampleRate };
    this.#banks = [new ToneBank(options), new ToneBank(options)];
  }

  /** The digit whose tones sound. */
  get pressed(): string | undefined {
    return this.#pressed;
  }

  /** Takes sound of any length; answers the digits whose tones ended in it. */
  push(pcm: Int16Array): readonly Digit[] {
    let digits: Digit[] | undefined;
    for (let from = 0; from < pcm.length; ) {
      const to = Math.min(pcm.length, from + this.#stepSamples - this.#filled);
      this.#banks[0].filter(pcm, from, to);
      this.#banks[1].filter(pcm, from, to);
      this.#filled += to - from;
      from = to;
      if (this.#filled < this.#stepSamples) break;
      this.#filled = 0;
      const ended = this.#endBlock(this.#banks[this.#turn]);
      this.#turn = this.#turn === 0 ? 1 : 0;
      if (ended) digits = [...(digits ?? []), ended];
    }
    return digits ?? noDigits;
  }

  #endBlock(bank: ToneBank): Digit | undefined {
    const found = bank.endBlock();
    const change = bank.power / this.#seenPower;
    const isSteady = this.#seen === undefined || (change < maxChange && change > 1 / maxChange);
    this.#seenPower = bank.power;
    const digit = isSteady ? found : undefined;
    this.#seenBlocks = digit !== undefined && digit === this.#seen ? this.#seenBlocks + 1 : 1;
    this.#seen = digit;
    const ended = this.#follow(digit);
    if (this.#pressed === undefined && digit !== undefined && this.#seenBlocks >= blocksToBegin) {
      this.#pressed = digit;
      this.#pressedBlocks = this.#seenBlocks;
      this.#missedBlocks = 0;
    }
    return ended;
  }

  /** The key that is down is held, or was let go some blocks ago. */
  #follow(digit: string | undefined): Digit | undefined {
    if (this.#pressed === undefined) return undefined;
    this.#pressedBlocks += 1;
    this.#missedBlocks = digit === this.#pressed ? 0 : this.#missedBlocks + 1;
    if (this.#missedBlocks < blocksToEnd) return undefined;
    const blocks = this.#pressedBlocks - this.#missedBlocks;
    // Half a block more on both sides has no pair to be seen.
    const ended = { digit: this.#pressed, durationMs: Math.round((blocks + 1) * stepMs) };
    this.#pressed = undefined;
    return ended;
  }
}
