// How AV1 lies in RTP ("RTP Payload Format For AV1", AOMedia, version 1.0) and in a file (the low-overhead format of the AV1
// specification, section 5.2, as Matroska has it).

import { readSequence, type Sequence } from './av1-sequence.ts';
import type { PictureCodec } from './pictures.ts';

/** Section 6.2.2 of the AV1 specification. */
const obu = { sequence: 1, delimiter: 2, frameHeader: 3, frame: 6, tileList: 8, padding: 15 } as const;
/** In RTP they are not sent, and in Matroska they are left out. */
const leftOut: readonly number[] = [obu.delimiter, obu.tileList, obu.padding];

const continuesBit = 0x80;
const goesOnBit = 0x40;
const sequenceBeginsBit = 0x08;

interface Obu {
  readonly type: number;
  /** One byte, or two with the ids of layers. */
  readonly header: Buffer;
  readonly payload: Buffer;
}

/** A codec that remembers what its last sequence header said. */
export function createAv1(): PictureCodec {
  let sequence: Sequence | undefined;
  return {
    // Behind a hole nobody knows whether it is the first packet, unless it begins a sequence.
    begins: ([head = 0], lost) => (head & (lost ? sequenceBeginsBit : continuesBit)) === (lost ? sequenceBeginsBit : 0),

    join(payloads) {
      const units = elementsOf(payloads)?.map(readObu);
      if (!units || units.length === 0) return undefined;
      const kept = units.flatMap((unit) => (unit && !leftOut.includes(unit.type) ? [unit] : []));
      if (units.includes(undefined) || kept.length === 0) return undefined;
      const said = kept.find(({ type }) => type === obu.sequence);
      if (said) sequence = readSequence(said.payload);
      const data = Buffer.concat(kept.flatMap(writeObu));
      // Only with its sequence header can anybody begin here.
      const key = said !== undefined && kept.some(isKeyFrame);
      if (!key) return { data, key };
      return sequence && { data, key, size: sequence.size, config: { codec: sequence.codec } };
    },
  };
}

/** The OBU elements of a whole picture (section 4.4), those in fragments put together. Undefined: something is missing. */
function elementsOf(payloads: readonly Buffer[]): Buffer[] | undefined {
  const elements: Buffer[] = [];
  let open: Buffer | undefined;
  for (const payload of payloads) {
    const [head = 0] = payload;
    const own = splitPayload(payload);
    const first = own?.[0];
    if (!own || !first || ((head & continuesBit) !== 0) !== (open !== undefined)) return undefined;
    if (open) own[0] = Buffer.concat([open, first]);
    open = (head & goesOnBit) !== 0 ? own.pop() : undefined;
    elements.push(...own);
  }
  return open ? undefined : elements;
}

function splitPayload(payload: Buffer): Buffer[] | undefined {
  const count = ((payload[0] ?? 0) >> 4) & 3;
  const elements: Buffer[] = [];
  for (let at = 1; at < payload.length; ) {
    // Where their number is said, the last one has no length.
    const isLast = count > 0 && elements.length === count - 1;
    const length = isLast ? { value: payload.length - at, end: at } : readLeb128(payload, at);
    if (!length || length.end + length.value > payload.length) return undefined;
    at = length.end + length.value;
    elements.push(payload.subarray(length.end, at));
  }
  return count > 0 && elements.length !== count ? undefined : elements;
}

function readObu(element: Buffer): Obu | undefined {
  const [head] = element;
  if (head === undefined || (head & 0x80) !== 0) return undefined;
  const headerLength = (head & 0x04) !== 0 ? 2 : 1;
  if (element.length < headerLength) return undefined;
  const hasSize = (head & 0x02) !== 0;
  const size = hasSize
    ? readLeb128(element, headerLength)
    : { value: element.length - headerLength, end: headerLength };
  if (!size || size.end + size.value > element.length) return undefined;
  return {
    type: (head >> 3) & 0x0f,
    header: element.subarray(0, headerLength),
    payload: element.subarray(size.end, size.end + size.value),
  };
}

function writeObu({ header, payload }: Obu): Buffer[] {
  const sized = Buffer.from(header);
  sized.writeUInt8((header[0] ?? 0) | 0x02, 0);
  return [sized, writeLeb128(payload.length), payload];
}

/** show_existing_frame is off, and frame_type is KEY_FRAME (section 5.9.2). */
function isKeyFrame({ type, payload: [first = 0xff] }: Obu): boolean {
  return (type === obu.frame || type === obu.frameHeader) && (first & 0xe0) === 0;
}

/** Section 4.10.5, as far as a packet can be long. */
function readLeb128(bytes: Buffer, from: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let index = 0; index < 4; index += 1) {
    const byte = bytes[from + index];
    if (byte === undefined) return undefined;
    value |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) return { value, end: from + index + 1 };
  }
  return undefined;
}

function writeLeb128(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}
