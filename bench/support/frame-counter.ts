// Cuts a stream of server frames without copying what nobody reads: most connections only count.

/** Stands once in each text that clients publish, and nowhere else in what servers send. */
export const mark = 0x7c;

export interface FrameSink {
  /** A complete message. The bytes are valid during the call only. Given when `wantsPayload`, and for control frames. */
  onPayload(payload: Buffer, opcode: number): void;
}

export class FrameCounter {
  /** Published texts that arrived. */
  deliveries = 0;
  frames = 0;
  wantsPayload = false;
  readonly #sink: FrameSink;
  readonly #head = Buffer.alloc(10);
  #headLength = 0;
  /** Bytes of the payload that are still to come; -1: a header is being read. */
  #left = -1;
  #collects = false;
  #parts: Buffer[] = [];

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left < 0) {
        this.#head[this.#headLength++] = bytes[at++] ?? 0;
        this.#readHead();
        if (this.#left !== 0) continue;
      }
      const end = Math.min(bytes.length, at + this.#left);
      this.#readPayload(bytes.subarray(at, end));
      at = end;
    }
  }

  #readHead(): void {
    const head = this.#head;
    if (this.#headLength < 2) return;
    const short = (head[1] ?? 0) & 127;
    if (this.#headLength < (short < 126 ? 2 : short === 126 ? 4 : 10)) return;
    this.#left = short < 126 ? short : short === 126 ? head.readUInt16BE(2) : Number(head.readBigUInt64BE(2));
    this.#headLength = 0;
    this.frames++;
    this.#collects = this.wantsPayload || this.#opcode >= 8 || this.#left < 8;
  }

  get #opcode(): number {
    return (this.#head[0] ?? 0) & 15;
  }

  #readPayload(part: Buffer): void {
    this.#left -= part.length;
    const ended = this.#left === 0;
    if (ended) this.#left = -1;
    if (!this.#collects) {
      this.deliveries += countMarks(part);
      return;
    }
    if (!ended) {
      this.#parts.push(Buffer.from(part));
      return;
    }
    const payload = this.#parts.length === 0 ? part : Buffer.concat([...this.#parts, part]);
    this.#parts = [];
    this.deliveries += countMarks(payload);
    this.#sink.onPayload(payload, this.#opcode);
  }
}

function countMarks(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) count++;
  return count;
}
