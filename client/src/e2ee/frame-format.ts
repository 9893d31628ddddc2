// A sealed frame: what the server must read, the rest encrypted, the tag of AES-GCM, and a trailer that says which key.
//
//   clear | ciphertext | tag (16) | salt (8) | counter (4, big endian) | key index (1)

export type FrameKind = 'audio' | 'video';

export const saltBytes = 8;
export const tagBytes = 16;
export const trailerBytes = saltBytes + 4 + 1;
export const overheadBytes = tagBytes + trailerBytes;
export const maxCounter = 0xffff_ffff;

/** The TOC byte of Opus (RFC 6716 section 3.1). */
const opusClearBytes = 1;
/** The frame tag, start code and size of a VP8 key frame (RFC 6386 section 9.1): depacketizers read them. */
const vp8KeyFrameClearBytes = 10;
/** Of other frames only the bit that says that they are none. */
const vp8DeltaClearBytes = 1;

export interface Trailer {
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly counter: number;
  readonly keyIndex: number;
}

/** How much of a frame stays as it is. `frame`: sealed or not, its beginning is the same; `bytes`: without the overhead. */
export function clearBytesOf(kind: FrameKind, frame: Uint8Array, bytes: number): number {
  return Math.min(kind === 'audio' ? opusClearBytes : vp8ClearBytes(frame), bytes);
}

/** The lowest bit of a frame tag is 0 in key frames. */
function vp8ClearBytes(frame: Uint8Array): number {
  return ((frame[0] ?? 1) & 1) === 0 ? vp8KeyFrameClearBytes : vp8DeltaClearBytes;
}

export function writeTrailer({ salt, counter, keyIndex }: Trailer): Uint8Array<ArrayBuffer> {
  const trailer = new Uint8Array(trailerBytes);
  trailer.set(salt);
  new DataView(trailer.buffer).setUint32(saltBytes, counter);
  trailer[trailerBytes - 1] = keyIndex;
  return trailer;
}

/** Undefined: the frame is too short to have one. */
export function readTrailer(frame: Uint8Array): Trailer | undefined {
  if (frame.byteLength < overheadBytes) return undefined;
  const trailer = frame.slice(-trailerBytes);
  return {
    salt: trailer.slice(0, saltBytes),
    counter: new DataView(trailer.buffer).getUint32(saltBytes),
    keyIndex: trailer[trailerBytes - 1] ?? 0,
  };
}

export function concatenate(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
