// RFC 6184: how H.264 lies in RTP, in the packetization modes 0 and 1. A picture becomes NAL units with their lengths before
// them, as files have it (ISO/IEC 14496-15).

import type { PictureCodec } from './pictures.ts';
import { readSpsSize } from './sps.ts';

const slice = { idr: 5, sps: 7, pps: 8 };
const stapA = 24;
const fuA = 28;

const typeOf = (unit: Buffer): number => (unit[0] ?? 0) & 0x1f;

/** Undefined when the payloads are not whole units, or in a mode that was not agreed on. */
function unitsOf(payloads: readonly Buffer[]): Buffer[] | undefined {
  const units: Buffer[] = [];
  let fragments: Buffer[] | undefined;
  for (const payload of payloads) {
    const type = typeOf(payload);
    if (type !== fuA && fragments) return undefined;
    if (type >= 1 && type <= 23) units.push(payload);
    else if (type === stapA) {
      const aggregated = splitStap(payload);
      if (!aggregated) return undefined;
      units.push(...aggregated);
    } else if (type === fuA && payload.length > 2) {
      const header = payload.readUInt8(1);
      // The header of the unit is put together from both (section 5.8).
      if (header & 0x80) fragments = [Buffer.from([(payload.readUInt8(0) & 0xe0) | (header & 0x1f)])];
      if (!fragments) return undefined;
      fragments.push(payload.subarray(2));
      if (!(header & 0x40)) continue;
      units.push(Buffer.concat(fragments));
      fragments = undefined;
    } else return undefined;
  }
  return fragments ? undefined : units;
}

/** Section 5.7.1. */
function splitStap(payload: Buffer): Buffer[] | undefined {
  const units: Buffer[] = [];
  for (let at = 1; at < payload.length; ) {
    if (at + 2 > payload.length) return undefined;
    const end = at + 2 + payload.readUInt16BE(at);
    if (end > payload.length || end === at + 2) return undefined;
    units.push(payload.subarray(at + 2, end));
    at = end;
  }
  return units;
}

/** The avcC box, of one parameter set of each kind. */
function describe(sps: Buffer, pps: Buffer): Uint8Array {
  const lengthOf = (unit: Buffer) => Buffer.from([unit.length >> 8, unit.length & 0xff]);
  // Lengths of four bytes, then one set of each.
  const head = Buffer.from([1, sps[1] ?? 0, sps[2] ?? 0, sps[3] ?? 0, 0xff, 0xe1]);
  return Buffer.concat([head, lengthOf(sps), sps, Buffer.from([1]), lengthOf(pps), pps]);
}

/**
 * Parameter sets stay in the pictures as well: who changes the size sends others, and decoders follow those. A key frame
 * without them is good only behind one that had them.
 */
export function createH264(): PictureCodec {
  let sps: Buffer | undefined;
  let pps: Buffer | undefined;
  return {
    // What was lost before it may have been its parameter sets.
    begins(payload, lost) {
      if (lost) return false;
      return typeOf(payload) !== fuA || ((payload[1] ?? 0) & 0x80) !== 0;
    },

    join(payloads) {
      const units = unitsOf(payloads);
      if (!units || units.length === 0) return undefined;
      // Copies: packets share memory with what was read.
      for (const unit of units) {
        if (typeOf(unit) === slice.sps) sps = Buffer.from(unit);
        if (typeOf(unit) === slice.pps) pps = Buffer.from(unit);
      }
      const data = Buffer.concat(units.flatMap((unit) => [lengthPrefix(unit), unit]));
      const key = units.some((unit) => typeOf(unit) === slice.idr);
      if (!key) return { data, key };
      if (!sps || !pps || sps.length < 4) return undefined;
      const codec = `avc1.${sps.toString('hex', 1, 4)}`;
      return { data, key, size: readSpsSize(sps), config: { codec, description: describe(sps, pps) } };
    },
  };
}

function lengthPrefix(unit: Buffer): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(unit.length);
  return prefix;
}
