// RFC 9628: how VP9 lies in RTP. The bitstream's own words are of "VP9 Bitstream & Decoding Process Specification" 0.7.

import { BitReader } from './bit-reader.ts';
import type { PictureSize } from './frame.ts';
import type { PictureCodec } from './pictures.ts';

interface Descriptor {
  /** Where the frame's own bytes begin. */
  readonly end: number;
  /** The first and the last packet of a frame: of one spatial layer of a picture. */
  readonly beginsFrame: boolean;
  readonly endsFrame: boolean;
  readonly spatialLayer: number;
  /** Of the highest layer, where the sender says what there is. */
  readonly size: PictureSize | undefined;
}

/** Section 4.2. Undefined when it is cut off. */
function readDescriptor(payload: Buffer): Descriptor | undefined {
  const first = payload[0] ?? 0;
  const has = (bit: number) => (first & bit) !== 0;
  const flexible = has(0x10);
  let end = 1;
  let spatialLayer = 0;
  if (has(0x80)) end += (payload[end] ?? 0) & 0x80 ? 2 : 1;
  if (has(0x20)) {
    spatialLayer = ((payload[end] ?? 0) >> 1) & 7;
    // In the other mode TL0PICIDX follows.
    end += flexible ? 1 : 2;
  }
  if (flexible && has(0x40)) {
    for (let count = 0; count < 3; count += 1) {
      const another = (payload[end] ?? 0) & 1;
      end += 1;
      if (!another) break;
    }
  }
  const structure = has(0x02) ? readStructure(payload, end) : { end, size: undefined };
  if (structure.end >= payload.length) return undefined;
  return { ...structure, spatialLayer, beginsFrame: has(0x08), endsFrame: has(0x04) };
}

/** The scalability structure, section 4.2.1. */
function readStructure(payload: Buffer, start: number): { end: number; size: PictureSize | undefined } {
  const first = payload[start] ?? 0;
  const layers = (first >> 5) + 1;
  let end = start + 1;
  let size: PictureSize | undefined;
  if (first & 0x10) {
    end += layers * 4;
    if (end <= payload.length) size = { width: payload.readUInt16BE(end - 4), height: payload.readUInt16BE(end - 2) };
  }
  if (first & 0x08) {
    const pictures = payload[end] ?? 0;
    end += 1;
    for (let picture = 0; picture < pictures; picture += 1) end += 1 + (((payload[end] ?? 0) >> 2) & 3);
  }
  return { end, size };
}

/** Section 6.2 of the bitstream: whether it is a key frame, and how large it is then. */
function readHeader(frame: Buffer): { key: boolean; size?: PictureSize } | undefined {
  const bits = new BitReader(frame);
  if (bits.read(2) !== 2) return undefined;
  const profile = bits.read(1) | (bits.read(1) << 1);
  if (profile === 3) bits.read(1);
  const showsAnother = bits.read(1) === 1;
  const isKey = !showsAnother && bits.read(1) === 0;
  if (!isKey) return { key: false };
  bits.read(2);
  if (bits.read(24) !== 0x498342) return undefined;
  if (profile >= 2) bits.read(1);
  const isRgb = bits.read(3) === 7;
  // Subsampling is told of the profiles that have a choice.
  if (!isRgb) bits.read(1);
  if (profile === 1 || profile === 3) bits.read(isRgb ? 1 : 3);
  return { key: true, size: { width: bits.read(16) + 1, height: bits.read(16) + 1 } };
}

/** Annex B of the bitstream: says where the frames of one picture end, for decoders that are not told otherwise. */
function superframe(frames: readonly Buffer[]): Buffer {
  const whole = Buffer.concat(frames);
  if (frames.length < 2) return whole;
  const marker = 0b110_11_000 | (frames.length - 1);
  const index = Buffer.alloc(2 + frames.length * 4, marker);
  for (const [place, frame] of frames.entries()) index.writeUInt32LE(frame.length, 1 + place * 4);
  return Buffer.concat([whole, index]);
}

/** A superframe holds no more (Annex B), and RTP's layers are as many. */
const maxLayers = 8;

export const vp9: PictureCodec = {
  begins(payload) {
    const descriptor = readDescriptor(payload);
    return descriptor?.beginsFrame === true && descriptor.spatialLayer === 0;
  },

  join(payloads) {
    const frames: Buffer[] = [];
    let parts: Buffer[] | undefined;
    let size: PictureSize | undefined;
    for (const payload of payloads) {
      const descriptor = readDescriptor(payload);
      if (!descriptor) return undefined;
      size = descriptor.size ?? size;
      if (descriptor.beginsFrame) parts = [];
      if (!parts) return undefined;
      parts.push(payload.subarray(descriptor.end));
      if (!descriptor.endsFrame) continue;
      frames.push(Buffer.concat(parts));
      parts = undefined;
    }
    const [lowest] = frames;
    if (parts || !lowest || frames.length > maxLayers) return undefined;
    const header = readHeader(lowest);
    return (
      header && { data: superframe(frames), key: header.key, size: header.key ? (size ?? header.size) : undefined }
    );
  },
};
