// The two messages of data channels as protobuf (https://protobuf.dev/programming-guides/encoding). By hand, because the
// codec of the whole contract is larger than all the rest of the SDK; data-codec.test.ts holds it against that one.

export interface DataMessage {
  readonly to: readonly string[];
  readonly topic: string;
  readonly payload: Uint8Array;
}

export interface ReceivedData {
  readonly from: string;
  readonly topic: string;
  readonly payload: Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** What stands before bytes and texts: a number of the field and this. */
const lengthDelimited = 2;

/** DataToServer. */
export function encodeData({ to, topic, payload }: DataMessage): Uint8Array<ArrayBuffer> {
  const fields: [number, Uint8Array][] = to.map((peerId) => [1, encoder.encode(peerId)]);
  if (topic !== '') fields.push([2, encoder.encode(topic)]);
  if (payload.byteLength > 0) fields.push([3, payload]);
  const parts = fields.flatMap(([field, bytes]) => [
    Uint8Array.of((field << 3) | lengthDelimited, ...varint(bytes.byteLength)),
    bytes,
  ]);
  const encoded = new Uint8Array(parts.reduce((size, part) => size + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    encoded.set(part, offset);
    offset += part.byteLength;
  }
  return encoded;
}

/** DataToClient. Fields of a newer contract are passed over. @throws {RangeError} for what is cut or no such message. */
export function decodeData(bytes: Uint8Array): ReceivedData {
  const reader = new FieldReader(bytes);
  let [from, topic, payload] = ['', '', new Uint8Array()];
  while (reader.hasMore) {
    const { field, value } = reader.next();
    if (value === undefined) continue;
    if (field === 1) from = decoder.decode(value);
    if (field === 2) topic = decoder.decode(value);
    // A copy: what it is a view of belongs to the platform.
    if (field === 3) payload = value.slice();
  }
  return { from, topic, payload };
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

class FieldReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get hasMore(): boolean {
    return this.#offset < this.#bytes.byteLength;
  }

  /** `value` undefined: a number. */
  next(): { readonly field: number; readonly value: Uint8Array | undefined } {
    const tag = this.#varint();
    const field = tag >>> 3;
    switch (tag & 7) {
      case 0:
        this.#varint();
        return { field, value: undefined };
      case 1:
        this.#take(8);
        return { field, value: undefined };
      case lengthDelimited:
        return { field, value: this.#take(this.#varint()) };
      case 5:
        this.#take(4);
        return { field, value: undefined };
      default:
        throw new RangeError('no field of a message');
    }
  }

  #varint(): number {
    let value = 0;
    // Of ten bytes, those beyond 32 bits do not matter here: no field is that large.
    for (let index = 0; index < 10; index++) {
      const byte = this.#bytes[this.#offset];
      if (byte === undefined) break;
      this.#offset += 1;
      if (index < 5) value |= (byte & 0x7f) << (7 * index);
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError('a number is cut');
  }

  #take(length: number): Uint8Array {
    const end = this.#offset + length;
    if (end > this.#bytes.byteLength) throw new RangeError('a field is cut');
    const value = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return value;
  }
}
