import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RtpPacket } from '../../mixer/rtp/rtp-packet.ts';
import { Reorder } from '../reorder.ts';
import {
  av1Payloads,
  h264Payloads,
  type SentPicture,
  toPackets,
  vp8Payloads,
  vp9Payloads,
} from '../testing/packetize.ts';
import { createDepacketizer, type RecordedCodec } from './create-depacketizer.ts';
import type { Frame } from './frame.ts';

const bytes = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map((array) => Buffer.from(array));

function vp8Frame(key: boolean, rest: Buffer): Buffer {
  if (!key) return Buffer.concat([Buffer.from([0x31]), rest]);
  return Buffer.concat([Buffer.from([0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01]), rest]);
}

const vp8Pictures = fc.array(
  fc.record({
    key: fc.boolean(),
    rest: bytes(1, 3_000),
    size: fc.integer({ min: 20, max: 1_200 }),
    extended: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

/** 640x480, profile 0. */
const vp9KeyHead = Buffer.from([0x82, 0x49, 0x83, 0x42, 0x00, 0x27, 0xf0, 0x1d, 0xf0]);
const vp9Pictures = fc.array(
  fc.record({
    key: fc.boolean(),
    layers: fc.array(bytes(1, 1_500), { minLength: 1, maxLength: 3 }),
    size: fc.integer({ min: 20, max: 1_200 }),
  }),
  { minLength: 1, maxLength: 8 },
);

const unit = (type: number) => bytes(1, 2_500).map((rest) => Buffer.concat([Buffer.from([0x60 | type]), rest]));
const sps = Buffer.from('6742c01fda014016e840000003004000000f23c60ca8', 'hex');
const pps = Buffer.from('68ce3c80', 'hex');
const h264Pictures = fc.array(
  fc.record({
    key: fc.boolean(),
    slices: fc.array(unit(1), { minLength: 1, maxLength: 3 }),
    idr: unit(5),
    size: fc.integer({ min: 40, max: 1_200 }),
    aggregate: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);

/** As libaom wrote it for 320x240, profile 0. */
const av1Sequence = Buffer.from('000000043cffbcdaf90040', 'hex');
const av1Pictures = fc.array(
  fc.record({
    key: fc.boolean(),
    frames: fc.array(bytes(1, 2_500), { minLength: 1, maxLength: 4 }),
    size: fc.integer({ min: 30, max: 1_200 }),
    counted: fc.boolean(),
    layered: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);

const sentOf = {
  vp8: vp8Pictures.map((pictures) =>
    pictures.map(({ key, rest, size, extended }, index): SentPicture => {
      const data = vp8Frame(key, rest);
      return { key, timestamp: timestampOf(index), payloads: vp8Payloads(data, { size, extended }), data };
    }),
  ),
  vp9: vp9Pictures.map((pictures) =>
    pictures.map(({ key, layers, size }, index): SentPicture => {
      const head = key ? vp9KeyHead : Buffer.from([0x86]);
      const frames = layers.map((layer, spatial) => (spatial === 0 ? Buffer.concat([head, layer]) : layer));
      const payloads = vp9Payloads(frames, { size, key });
      return { key, timestamp: timestampOf(index), payloads, data: Buffer.concat(frames) };
    }),
  ),
  h264: h264Pictures.map((pictures) =>
    pictures.map(({ key, slices, idr, size, aggregate }, index): SentPicture => {
      const units = key ? [sps, pps, idr] : slices;
      const data = Buffer.concat(units.flatMap((one) => [lengthOf(one), one]));
      return { key, timestamp: timestampOf(index), payloads: h264Payloads(units, { size, aggregate }), data };
    }),
  ),
  av1: av1Pictures.map((pictures) =>
    pictures.map(({ key, frames, size, counted, layered }, index): SentPicture => {
      const extension = layered ? [0x20] : [];
      const header = (type: number) => Buffer.from([(type << 3) | (layered ? 4 : 0), ...extension]);
      const units = frames.map((rest) => ({
        head: header(6),
        body: Buffer.concat([Buffer.from([key ? 0x10 : 0x30]), rest]),
      }));
      if (key) units.unshift({ head: header(1), body: av1Sequence });
      const data = Buffer.concat(units.flatMap(({ head, body }) => [sized(head), leb128(body.length), body]));
      const sent = units.map(({ head, body }) => Buffer.concat([head, body]));
      return { key, timestamp: timestampOf(index), payloads: av1Payloads(sent, { size, counted, key }), data };
    }),
  ),
} satisfies Partial<Record<RecordedCodec, fc.Arbitrary<SentPicture[]>>>;

const sized = (header: Buffer) => Buffer.from(header.map((byte, index) => (index === 0 ? byte | 2 : byte)));
const leb128 = (length: number) => Buffer.from(length > 0x7f ? [(length & 0x7f) | 0x80, length >> 7] : [length]);

/** Over the end of 32 bits. */
function timestampOf(index: number): number {
  return (0xffff_ff00 + index * 3_000) >>> 0;
}

function lengthOf({ length }: Buffer): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(length);
  return prefix;
}

function framesOf(codec: RecordedCodec, packets: readonly RtpPacket[], gapMs = 1): Frame[] {
  const reorder = new Reorder();
  const depacketize = createDepacketizer(codec);
  const ordered = packets.flatMap((packet, index) => reorder.push(packet, index * gapMs));
  return [...ordered, ...reorder.flush()].flatMap((packet) => depacketize(packet) ?? []);
}

/** Each packet at most `reach` places from where it was. The first stays: nobody knows of any before it. */
function shuffled(packets: readonly RtpPacket[], seeds: readonly number[], reach: number): RtpPacket[] {
  return packets
    .map((packet, index) => ({
      packet,
      place: index === 0 ? -1 : index + ((seeds[index % seeds.length] ?? 0) % reach),
    }))
    .sort((one, other) => one.place - other.place)
    .map(({ packet }) => packet);
}

const seeds = fc.array(fc.nat(), { minLength: 5, maxLength: 40 });

describe.each(['vp8', 'vp9', 'h264', 'av1'] as const)('%s', (codec) => {
  test('pictures come out as they went in, whatever the packets are cut into and however they are mixed up', () => {
    fc.assert(
      fc.property(sentOf[codec], seeds, (sent, order) => {
        const frames = framesOf(codec, shuffled(toPackets(sent), order, 20));
        expect(frames.map(({ key, timestamp }) => ({ key, timestamp }))).toEqual(
          sent.map(({ key, timestamp }) => ({ key, timestamp })),
        );
        for (const [index, frame] of frames.entries()) {
          const { data } = sent[index] as SentPicture;
          // The index of a superframe stands behind the frames.
          expect(Buffer.from(frame.data).subarray(0, data.length).equals(data)).toBe(true);
          if (codec !== 'vp9') expect(frame.data.length).toBe(data.length);
        }
      }),
    );
  });

  test('a picture that misses a packet never comes out, and no other does in its place', () => {
    fc.assert(
      fc.property(sentOf[codec], fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), (sent, drops) => {
        const packets = toPackets(sent);
        const lost = new Set(drops.map((drop) => drop % packets.length));
        const left = packets.filter((_, index) => !lost.has(index));
        const broken = new Set([...lost].map((index) => packets[index]?.timestamp));
        const byTime = new Map(sent.map((picture) => [picture.timestamp, picture]));
        for (const frame of framesOf(codec, left, 1_000)) {
          // Nobody can know that packets before the very first one are missing.
          if ((codec === 'h264' || codec === 'av1') && lost.has(0)) continue;
          expect(broken.has(frame.timestamp)).toBe(false);
          const { data } = byTime.get(frame.timestamp) as SentPicture;
          expect(Buffer.from(frame.data).subarray(0, data.length).equals(data)).toBe(true);
        }
      }),
    );
  });

  test('nothing that can come in a packet makes it throw', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(bytes(0, 60), fc.boolean(), fc.nat(3)), { maxLength: 60 }), (payloads) => {
        const packets = payloads.map(([payload, marker, step], index) => ({
          payloadType: 96,
          sequence: (index + step) & 0xffff,
          timestamp: step * 3_000,
          ssrc: 1,
          marker,
          payload,
        }));
        expect(() => framesOf(codec, packets)).not.toThrow();
      }),
    );
  });
});

test('the size of a picture is read from its key frame', () => {
  const sizeOf = (codec: RecordedCodec, payloads: Buffer[]) =>
    framesOf(codec, toPackets([{ key: true, timestamp: 0, payloads, data: Buffer.alloc(0) }]))[0]?.size;
  const rest = Buffer.alloc(500, 7);
  expect(sizeOf('vp8', vp8Payloads(vp8Frame(true, rest), { size: 100, extended: true }))).toEqual({
    width: 640,
    height: 480,
  });
  expect(sizeOf('vp9', vp9Payloads([Buffer.concat([vp9KeyHead, rest])], { size: 100, key: true }))).toEqual({
    width: 640,
    height: 480,
  });
  const sequence = Buffer.concat([Buffer.from([0x08]), av1Sequence]);
  const frame = Buffer.concat([Buffer.from([0x30, 0x10]), rest]);
  expect(sizeOf('av1', av1Payloads([sequence, frame], { size: 100, counted: true, key: true }))).toEqual({
    width: 320,
    height: 240,
  });
  const idr = Buffer.concat([Buffer.from([0x65]), rest]);
  expect(sizeOf('h264', h264Payloads([sps, pps, idr], { size: 100, aggregate: true }))).toEqual({
    width: 1280,
    height: 720,
  });
});

test('a packet of Opus lasts as long as its first bytes say', () => {
  const durationOf = (...payload: number[]) =>
    framesOf(
      'opus',
      toPackets([{ key: true, timestamp: 0, payloads: [Buffer.from(payload)], data: Buffer.alloc(0) }]),
    )[0]?.durationMs;
  // RFC 6716 table 2: CELT full band of 20 ms; SILK of 60 ms, twice; hybrid of 10 ms, three times; 2.5 ms.
  expect(durationOf(0b11111_0_00, 1)).toBe(20);
  expect(durationOf(0b00011_0_01, 1)).toBe(120);
  expect(durationOf(0b01100_0_11, 3)).toBe(30);
  expect(durationOf(0b11100_0_00, 1)).toBe(2.5);
  expect(durationOf(0b11111_0_11, 63)).toBeUndefined();
});

test('what phones send becomes samples that say the same', () => {
  const samplesOf = (codec: RecordedCodec, ...payload: number[]) => {
    const sent = [{ key: true, timestamp: 0, payloads: [Buffer.from(payload)], data: Buffer.alloc(0) }];
    const { data } = framesOf(codec, toPackets(sent))[0] as Frame;
    return payload.map((_, index) => Buffer.from(data).readInt16LE(index * 2));
  };
  // ITU-T G.711 tables 1 and 2: both ends, and silence.
  expect(samplesOf('pcmu', 0xff, 0x7f, 0x80, 0x00)).toEqual([0, -0, 32_124, -32_124].map((value) => value || 0));
  expect(samplesOf('pcma', 0xd5, 0x55, 0xaa, 0x2a)).toEqual([8, -8, 32_256, -32_256]);
});
