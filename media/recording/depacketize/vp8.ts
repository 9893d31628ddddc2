// RFC 7741: how VP8 lies in RTP. RFC 6386 section 9.1: how a frame begins.

import type { PictureSize } from './frame.ts';
import type { PictureCodec } from './pictures.ts';

/** Of the descriptor before the picture's own bytes (section 4.2); undefined when there is nothing behind it. */
function descriptorBytes(payload: Buffer): number | undefined {
  let end = 1;
  if ((payload[0] ?? 0) & 0x80) {
    const extensions = payload[1] ?? 0;
    end = 2;
    if (extensions & 0x80) end += (payload[end] ?? 0) & 0x80 ? 2 : 1;
    if (extensions & 0x40) end += 1;
    // TID and KEYIDX share one.
    if (extensions & 0x30) end += 1;
  }
  return end < payload.length ? end : undefined;
}

function sizeOfKeyFrame(data: Buffer): PictureSize | undefined {
  if (data.length < 10 || data.readUIntBE(3, 3) !== 0x9d012a) return undefined;
  return { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff };
}

export const vp8: PictureCodec = {
  // The start of the first partition.
  begins: (payload) => ((payload[0] ?? 0) & 0x1f) === 0x10,

  join(payloads) {
    const parts: Buffer[] = [];
    for (const payload of payloads) {
      const start = descriptorBytes(payload);
      if (start === undefined) return undefined;
      parts.push(payload.subarray(start));
    }
    const data = Buffer.concat(parts);
    const key = ((data[0] ?? 1) & 1) === 0;
    const size = key ? sizeOfKeyFrame(data) : undefined;
    return key && !size ? undefined : { data, key, size };
  },
};
