/** How far behind the highest one a number may come. RFC 3711 section 3.3.2 asks for 64 at least. */
const windowSize = 128;
const words = windowSize / 32;

export interface ReplayWindowState {
  readonly highest: number;
  readonly seen: Uint32Array;
}

/** Which of the last 128 numbers, counted on beyond their 16 bits, have come. */
export class ReplayWindow {
  #highest: number;
  readonly #seen: Uint32Array;

  constructor(state?: ReplayWindowState) {
    this.#highest = state?.highest ?? -1;
    this.#seen = state ? state.seen.slice() : new Uint32Array(words);
  }

  /** -1 before the first. */
  get highest(): number {
    return this.#highest;
  }

  /** Whether it came before, or is too old to know. */
  has(index: number): boolean {
    if (index > this.#highest) return false;
    if (index <= this.#highest - windowSize) return true;
    return ((this.#seen[(index >>> 5) % words] ?? 0) & (1 << (index & 31))) !== 0;
  }

  add(index: number): void {
    if (index > this.#highest) this.#moveTo(index);
    const word = (index >>> 5) % words;
    this.#seen[word] = (this.#seen[word] ?? 0) | (1 << (index & 31));
  }

  state(): ReplayWindowState {
    return { highest: this.#highest, seen: this.#seen.slice() };
  }

  #moveTo(index: number): void {
    if (index - this.#highest >= windowSize) this.#seen.fill(0);
    else {
      for (let next = this.#highest + 1; next <= index; next++) {
        const word = (next >>> 5) % words;
        this.#seen[word] = (this.#seen[word] ?? 0) & ~(1 << (next & 31));
      }
    }
    this.#highest = index;
  }
}
