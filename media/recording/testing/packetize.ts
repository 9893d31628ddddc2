// The other direction: frames into packets, as the RFCs let a sender do it. It shares nothing with what it tests.

import type { RtpPacket } from '../../mixer/rtp/rtp-packet.ts';

export interface SentPicture {
  readonly key: boolean;
  readonly timestamp: number;
  readonly payloads: readonly Buffer[];
  /** What a decoder is to be given. */
  readonly data: Buffer;
}

function pieces(data: Buffer, size: number): Buffer[] {
  const count = Math.max(1, Math.ceil(data.length / size));
  return Array.from({ length: count }, (_, index) => data.subarray(index * size, (index + 1) * size));
}

/** RFC 7741. `extended`: with picture id of 15 bits, TL0PICIDX and TID. */
export function vp8Payloads(frame: Buffer, options: { readonly size: number; readonly extended: boolean }): Buffer[] {
  return pieces(frame, options.size).map((piece, index) => {
    const first = index === 0 ? 0x10 : 0;
    const descriptor = options.extended ? [0x80 | first, 0xe0, 0x80 | 0x12, 0x34, 0x07, 0x40] : [first];
    return Buffer.concat([Buffer.from(descriptor), piece]);
  });
}

/** RFC 9628, in the flexible mode, one frame for each spatial layer. */
export function vp9Payloads(
  layers: readonly Buffer[],
  options: { readonly size: number; readonly key: boolean },
): Buffer[] {
  return layers.flatMap((layer, spatial) => {
    const parts = pieces(layer, options.size);
    return parts.map((piece, index) => {
      const isInter = !options.key || spatial > 0;
      const begins = index === 0 ? 0x08 : 0;
      const ends = index === parts.length - 1 ? 0x04 : 0;
      const first = 0x80 | (isInter && !options.key ? 0x40 : 0) | 0x20 | 0x10 | begins | ends;
      const differences = isInter && !options.key ? [0x02] : [];
      const layerByte = (spatial << 1) | (spatial > 0 ? 1 : 0);
      return Buffer.concat([Buffer.from([first, 0x92, 0x34, layerByte, ...differences]), piece]);
    });
  });
}

/** RFC 6184: units together where they fit (STAP-A), in fragments (FU-A) where they are too large. */
export function h264Payloads(
  units: readonly Buffer[],
  options: { readonly size: number; readonly aggregate: boolean },
): Buffer[] {
  const payloads: Buffer[] = [];
  let together: Buffer[] = [];
  const flush = () => {
    if (together.length === 1) payloads.push(together[0] as Buffer);
    else if (together.length > 1) {
      const parts = together.flatMap((unit) => [Buffer.from([unit.length >> 8, unit.length & 0xff]), unit]);
      payloads.push(Buffer.concat([Buffer.from([0x78]), ...parts]));
    }
    together = [];
  };
  for (const unit of units) {
    if (unit.length > options.size) {
      flush();
      const header = unit.readUInt8(0);
      const parts = pieces(unit.subarray(1), options.size);
      parts.forEach((piece, index) => {
        const edges = (index === 0 ? 0x80 : 0) | (index === parts.length - 1 ? 0x40 : 0);
        payloads.push(Buffer.concat([Buffer.from([(header & 0xe0) | 28, edges | (header & 0x1f)]), piece]));
      });
    } else {
      if (!options.aggregate) flush();
      together.push(unit);
    }
  }
  flush();
  return payloads;
}

/** In the order of sending; the last packet of each picture is marked. */
export function toPackets(pictures: readonly SentPicture[], firstSequence = 65_500): RtpPacket[] {
  let sequence = firstSequence;
  return pictures.flatMap(({ payloads, timestamp }) =>
    payloads.map((payload, index) => ({
      payloadType: 96,
      sequence: sequence++ & 0xffff,
      timestamp,
      ssrc: 1,
      marker: index === payloads.length - 1,
      payload,
    })),
  );
}

/** RFC 3550 section 5.1, with one contributor, a header extension and padding. */
export function toBytes(packet: RtpPacket): Buffer {
  const head = Buffer.alloc(12 + 4 + 4 + 8);
  head.writeUInt8(0x80 | 0x20 | 0x10 | 1, 0);
  head.writeUInt8((packet.marker ? 0x80 : 0) | packet.payloadType, 1);
  head.writeUInt16BE(packet.sequence, 2);
  head.writeUInt32BE(packet.timestamp, 4);
  head.writeUInt32BE(packet.ssrc, 8);
  head.writeUInt16BE(0xbede, 16);
  head.writeUInt16BE(2, 18);
  return Buffer.concat([head, packet.payload, Buffer.from([0, 0, 3])]);
}

/**
 * AV1's payload format: elements without their own sizes, as many in a packet as fit, cut where they do not. `counted`: their
 * number is said, and the last has no length.
 */
export function av1Payloads(
  units: readonly Buffer[],
  options: { readonly size: number; readonly counted: boolean; readonly key: boolean },
): Buffer[] {
  const lengthOf = (bytes: Buffer) =>
    Buffer.from(bytes.length > 0x7f ? [(bytes.length & 0x7f) | 0x80, bytes.length >> 7] : [bytes.length]);
  const packets: { elements: Buffer[]; continues: boolean; goesOn: boolean }[] = [];
  let packet: (typeof packets)[number] | undefined;
  const used = () => (packet?.elements ?? []).reduce((sum, element) => sum + element.length + 2, 1);
  for (const unit of units) {
    for (let at = 0; at < unit.length; ) {
      if (packet === undefined || used() + 3 > options.size || (options.counted && packet.elements.length === 3)) {
        if (packet && at > 0) packet.goesOn = true;
        packet = { elements: [], continues: at > 0, goesOn: false };
        packets.push(packet);
      }
      const piece = unit.subarray(at, at + Math.max(1, options.size - used() - 2));
      packet.elements.push(piece);
      at += piece.length;
      if (at < unit.length) {
        packet.goesOn = true;
        packet = { elements: [], continues: true, goesOn: false };
        packets.push(packet);
      }
    }
  }
  return packets.map(({ elements, continues, goesOn }, index) => {
    const count = options.counted ? elements.length << 4 : 0;
    const head = (continues ? 0x80 : 0) | (goesOn ? 0x40 : 0) | count | (options.key && index === 0 ? 0x08 : 0);
    const parts = elements.flatMap((element, place) =>
      options.counted && place === elements.length - 1 ? [element] : [lengthOf(element), element],
    );
    return Buffer.concat([Buffer.from([head]), ...parts]);
  });
}
