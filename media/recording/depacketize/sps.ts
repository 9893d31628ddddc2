// The sequence parameter set of H.264 (section 7.3.2.1.1), as far as the size of the picture.

import { BitReader } from './bit-reader.ts';
import type { PictureSize } from './frame.ts';

/** Profiles that say more before the size. */
const highProfiles = [100, 110, 122, 244, 44, 83, 86, 118, 128];

/** Undefined where scaling lists, which no real-time sender uses, come before the size. */
export function readSpsSize(sps: Buffer): PictureSize | undefined {
  const bits = new BitReader(withoutEmulation(sps).subarray(1));
  const profile = bits.read(8);
  bits.read(16);
  bits.readGolomb();
  let chroma = 1;
  if (highProfiles.includes(profile)) {
    chroma = bits.readGolomb();
    if (chroma === 3) bits.read(1);
    bits.readGolomb();
    bits.readGolomb();
    bits.read(1);
    if (bits.read(1) === 1) return undefined;
  }
  bits.readGolomb();
  skipPictureOrder(bits);
  bits.readGolomb();
  bits.read(1);
  const widthInBlocks = bits.readGolomb() + 1;
  const heightInUnits = bits.readGolomb() + 1;
  const framesOnly = bits.read(1);
  if (framesOnly === 0) bits.read(1);
  bits.read(1);
  const isCropped = bits.read(1) === 1;
  const [left = 0, right = 0, top = 0, bottom = 0] = isCropped ? [1, 2, 3, 4].map(() => bits.readGolomb()) : [];
  const cropX = chroma === 1 || chroma === 2 ? 2 : 1;
  const cropY = (chroma === 1 ? 2 : 1) * (2 - framesOnly);
  return {
    width: widthInBlocks * 16 - (left + right) * cropX,
    height: (2 - framesOnly) * heightInUnits * 16 - (top + bottom) * cropY,
  };
}

function skipPictureOrder(bits: BitReader): void {
  const type = bits.readGolomb();
  if (type === 0) bits.readGolomb();
  if (type !== 1) return;
  bits.read(1);
  // Signed ones are as long as unsigned ones.
  bits.readGolomb();
  bits.readGolomb();
  const cycle = bits.readGolomb();
  for (let frame = 0; frame < cycle && !bits.isAtEnd; frame += 1) bits.readGolomb();
}

/** Section 7.4.1: a 3 behind two zeros is there only to keep start codes out. */
function withoutEmulation(unit: Buffer): Buffer {
  const kept: number[] = [];
  let zeros = 0;
  for (const byte of unit) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    kept.push(byte);
  }
  return Buffer.from(kept);
}
