// The sequence header of AV1 (section 5.5.1 of the specification), as far as the size of the picture.

import { BitReader } from './bit-reader.ts';
import type { PictureSize } from './frame.ts';

export interface Sequence {
  readonly size: PictureSize;
  /** As in `av01.0.04M.08` ("AV1 Codec ISO Media File Format Binding", section 5): of 8 bits, as all real-time senders. */
  readonly codec: string;
}

/** From here on levels have two tiers. */
const firstTieredLevel = 8;

/** Undefined when it is cut off. */
export function readSequence(payload: Buffer): Sequence | undefined {
  const bits = new BitReader(payload);
  const profile = bits.read(3);
  bits.read(1);
  const { level, tier } = bits.read(1) === 1 ? { level: bits.read(5), tier: 0 } : readOperatingPoints(bits);
  const [widthBits, heightBits] = [bits.read(4) + 1, bits.read(4) + 1];
  const size = { width: bits.read(widthBits) + 1, height: bits.read(heightBits) + 1 };
  if (bits.isAtEnd) return undefined;
  const name = `${String(level).padStart(2, '0')}${tier === 1 ? 'H' : 'M'}`;
  return { size, codec: `av01.${profile}.${name}.08` };
}

/** The level and the tier of the first one, which is the one of all layers. */
function readOperatingPoints(bits: BitReader): { readonly level: number; readonly tier: number } {
  let delayBits = 0;
  if (bits.read(1) === 1) {
    bits.read(32);
    bits.read(32);
    // How many ticks a picture lasts, where all last equally long.
    if (bits.read(1) === 1) bits.readGolomb();
    if (bits.read(1) === 1) {
      delayBits = bits.read(5) + 1;
      bits.read(32);
      bits.read(10);
    }
  }
  const hasDisplayDelay = bits.read(1) === 1;
  const count = bits.read(5) + 1;
  const points = Array.from({ length: count }, () => {
    bits.read(12);
    const level = bits.read(5);
    const tier = level >= firstTieredLevel ? bits.read(1) : 0;
    if (delayBits > 0 && bits.read(1) === 1) {
      bits.read(delayBits);
      bits.read(delayBits);
      bits.read(1);
    }
    if (hasDisplayDelay && bits.read(1) === 1) bits.read(4);
    return { level, tier };
  });
  return points[0] ?? { level: 0, tier: 0 };
}
