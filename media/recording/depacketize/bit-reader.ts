/** Reads bits, the highest of each byte first. Behind the end there are zeros. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#bytes.length * 8;
  }

  /** At most 32. */
  read(count: number): number {
    let value = 0;
    for (let bit = 0; bit < count; bit += 1, this.#position += 1) {
      const byte = this.#bytes[this.#position >> 3] ?? 0;
      value = value * 2 + ((byte >> (7 - (this.#position & 7))) & 1);
    }
    return value;
  }

  /** An unsigned Exp-Golomb code (H.264 section 9.1). */
  readGolomb(): number {
    let zeros = 0;
    while (zeros < 31 && !this.isAtEnd && this.read(1) === 0) zeros += 1;
    return 2 ** zeros - 1 + this.read(zeros);
  }
}
