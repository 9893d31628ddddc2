import { mirrorFilter } from './g722-tables.ts';

const taps = mirrorFilter.length;
/** Pairs that go in between two moves of what is remembered. */
const room = 244;

/**
 * The quadrature mirror filter of ITU-T G.722 section 3.1 (and 4.4): 24 taps, of which every second meets the first
 * samples of the pairs and the others the second ones.
 */
export class MirrorFilter {
  /** Of the last 12 pairs: their first samples by the filter, their second ones by the filter backwards. */
  firsts = 0;
  seconds = 0;
  readonly #firstLine = new Int32Array(taps + room);
  readonly #secondLine = new Int32Array(taps + room);
  /** Where the line of the last 12 begins. */
  #from = 0;

  push(first: number, second: number): void {
    if (this.#from > room) {
      this.#firstLine.copyWithin(0, this.#from, this.#from + taps - 1);
      this.#secondLine.copyWithin(0, this.#from, this.#from + taps - 1);
      this.#from = 0;
    }
    const from = this.#from;
    const firstLine = this.#firstLine;
    const secondLine = this.#secondLine;
    firstLine[from + taps - 1] = first;
    secondLine[from + taps - 1] = second;
    let firsts = 0;
    let seconds = 0;
    for (let tap = 0; tap < taps; tap += 1) {
      firsts += Math.imul(firstLine[from + tap] ?? 0, mirrorFilter[tap] ?? 0);
      seconds += Math.imul(secondLine[from + tap] ?? 0, mirrorFilter[taps - 1 - tap] ?? 0);
    }
    this.firsts = firsts | 0;
    this.seconds = seconds | 0;
    this.#from = from + 1;
  }
}
