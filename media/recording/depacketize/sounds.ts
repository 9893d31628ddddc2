// Sounds: each packet is a whole frame.

import { createDecoder } from '../../mixer/codecs/create-codec.ts';
import type { OrderedPacket } from '../reorder.ts';
import type { Frame } from './frame.ts';

/** By configuration number, in milliseconds (RFC 6716 section 3.1, table 2). */
const silkMs = [10, 20, 40, 60];
const celtMs = [2.5, 5, 10, 20];

/** Of a packet of Opus; undefined for one that says no length. */
function opusDurationMs(payload: Buffer): number | undefined {
  const toc = payload[0];
  if (toc === undefined) return undefined;
  const configuration = toc >> 3;
  const hybridMs = [10, 20];
  const frameMs =
    configuration < 12
      ? silkMs[configuration & 3]
      : configuration < 16
        ? hybridMs[configuration & 1]
        : celtMs[configuration & 3];
  const code = toc & 3;
  const frames = code === 0 ? 1 : code === 3 ? (payload[1] ?? 0) & 0x3f : 2;
  const durationMs = (frameMs ?? 0) * frames;
  // Section 3.2.5: 120 ms at most.
  return durationMs > 0 && durationMs <= 120 ? durationMs : undefined;
}

export function opusFrame({ packet }: OrderedPacket): Frame | undefined {
  const durationMs = opusDurationMs(packet.payload);
  return durationMs === undefined
    ? undefined
    : { data: packet.payload, key: true, timestamp: packet.timestamp, durationMs };
}

type Expand = (code: number) => number;

/** ITU-T G.711: 14 bits in a logarithmic 8. */
const fromUlaw: Expand = (code) => {
  const inverted = ~code & 0xff;
  const magnitude = ((((inverted & 0x0f) << 3) + 0x84) << ((inverted >> 4) & 7)) - 0x84;
  return inverted & 0x80 ? -magnitude : magnitude;
};

const fromAlaw: Expand = (code) => {
  const toggled = code ^ 0x55;
  const exponent = (toggled >> 4) & 7;
  const mantissa = ((toggled & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return toggled & 0x80 ? magnitude : -magnitude;
};

function createG711(expand: Expand) {
  const table = Int16Array.from({ length: 256 }, (_, code) => expand(code));
  return ({ packet }: OrderedPacket): Frame | undefined => {
    const { payload, timestamp } = packet;
    if (payload.length === 0) return undefined;
    const data = Buffer.alloc(payload.length * 2);
    for (let index = 0; index < payload.length; index += 1) {
      data.writeInt16LE(table[payload[index] ?? 0] ?? 0, index * 2);
    }
    return { data, key: true, timestamp, durationMs: payload.length / 8 };
  };
}

/** Samples of 16 bits, the lower byte first: files of phones are to play anywhere. */
export const ulawFrame = createG711(fromUlaw);
export const alawFrame = createG711(fromAlaw);

/** As G.711, with 16,000 of them a second; each packet is told by the ones before it. */
export function createG722() {
  const decoder = createDecoder('G722');
  return ({ packet }: OrderedPacket): Frame | undefined => {
    const { payload, timestamp } = packet;
    if (payload.length === 0) return undefined;
    const samples = decoder.decode(payload);
    const data = Buffer.alloc(samples.length * 2);
    for (let index = 0; index < samples.length; index += 1) data.writeInt16LE(samples[index] ?? 0, index * 2);
    return { data, key: true, timestamp, durationMs: payload.length / 8 };
  };
}
