/** A frame is `<bytes>#<payload>`; this many digits of a length are enough for {@link longestFrame}. */
const mostDigits = 6;
/** Bytes of a payload: a message with all that it may have, and its tokens. */
export const longestFrame = 131_072 + 4_096;

const hash = 0x23;

/** Cuts the bytes of an application into frames of drachtio's protocol. */
export class FrameReader {
  /** What a payload may have; whoever reads may change it between two frames. */
  longest = longestFrame;
  #rest: Buffer = Buffer.alloc(0);

  /** @throws {RangeError} for what is no frame, or is too long: the connection is of no use then. */
  *push(chunk: Buffer): Generator<string> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const at = this.#rest.subarray(0, mostDigits + 1).indexOf(hash);
      const digits = this.#rest.toString('latin1', 0, at < 0 ? mostDigits + 1 : at);
      const length = Number(digits);
      if (!/^\d{0,6}$/.test(digits) || length > this.longest || at === 0)
        throw new RangeError('a frame with a length that is none');
      if (at < 0 || this.#rest.length < at + 1 + length) return;
      const payload = this.#rest.toString('utf8', at + 1, at + 1 + length);
      this.#rest = this.#rest.subarray(at + 1 + length);
      yield payload;
    }
  }
}

/** One frame, for a socket to write as UTF-8. */
export function writeFrame(payload: string): string {
  return `${Buffer.byteLength(payload)}#${payload}`;
}
