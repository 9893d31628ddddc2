import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createOpusStream } from '../../bench/media/opus-stream.ts';
import { opusParameters } from '../../test/support/rtp-parameters.ts';
import { audioLevelUri } from '../mixer/rtp/header-extensions.ts';
import { levelReaderOf } from './rtp-level.ts';

const opus = opusParameters();
const pcmu = {
  codecs: [
    { mimeType: 'audio/PCMU', payloadType: 0, clockRate: 8_000, channels: undefined, parameters: {}, rtcpFeedback: [] },
  ],
  headerExtensions: [],
};
const pcma = { ...pcmu, codecs: [{ ...pcmu.codecs[0]!, mimeType: 'audio/PCMA', payloadType: 8 }] };

/** Elements of RFC 8285 in the form of one byte or of two, with padding between them. */
function packetWith(
  elements: readonly { id: number; data: Buffer; padding: number }[],
  { long, sources, payloadType }: { long: boolean; sources: number; payloadType: number },
): Buffer {
  const body = Buffer.concat(
    elements.flatMap(({ id, data, padding }) => [
      Buffer.from(long ? [id, data.length] : [(id << 4) | (data.length - 1)]),
      data,
      Buffer.alloc(padding),
    ]),
  );
  const words = Math.ceil(body.length / 4);
  const packet = Buffer.alloc(12 + 4 * sources + 4 + 4 * words + 20, 0xff);
  packet.writeUInt8(0x90 | sources, 0);
  packet.writeUInt8(payloadType, 1);
  const at = 12 + 4 * sources;
  packet.writeUInt16BE(long ? 0x1000 : 0xbede, at);
  packet.writeUInt16BE(words, at + 2);
  packet.fill(0, at + 4, at + 4 + 4 * words);
  body.copy(packet, at + 4);
  return packet;
}

function g711(payloadType: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt8(0x80, 0);
  header.writeUInt8(payloadType, 1);
  return Buffer.concat([header, payload]);
}

/** G.711 of a tone, by the compressing side of the standard, which the reader has not. */
function muLawTone(amplitude: number): Buffer {
  return Buffer.from(
    Array.from({ length: 160 }, (_, at) => {
      const sample = Math.round(amplitude * 32_767 * Math.sin((2 * Math.PI * at) / 16));
      const magnitude = Math.min(Math.abs(sample), 32_635) + 132;
      const exponent = Math.floor(Math.log2(magnitude)) - 7;
      const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
      return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
    }),
  );
}

describe('the level of a packet', () => {
  test('is read from the extension, in both of its forms and wherever it stands', () => {
    const element = fc.record({
      id: fc.integer({ min: 1, max: 9 }),
      data: fc.uint8Array({ minLength: 1, maxLength: 16 }).map((bytes) => Buffer.from(bytes)),
      padding: fc.integer({ min: 0, max: 3 }),
    });
    const read = levelReaderOf(opus, { payloadType: 107, extensionId: 10 })!;
    fc.assert(
      fc.property(
        fc.array(element, { maxLength: 4 }),
        fc.array(element, { maxLength: 4 }),
        fc.integer({ min: 0, max: 127 }),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 0, max: 15 }),
        (before, behind, level, voice, long, sources) => {
          const own = { id: 10, data: Buffer.from([(voice ? 0x80 : 0) | level]), padding: 0 };
          const options = { long, sources, payloadType: 107 };
          expect(read(packetWith([...before, own, ...behind], options))).toBe(0 - level);
          expect(read(packetWith([...before, ...behind], options))).toBe('unknown');
        },
      ),
    );
  });

  test('is read from what callers send', () => {
    const read = levelReaderOf(opus, { payloadType: 111, extensionId: 10 })!;
    const stream = createOpusStream({ ssrc: 1 });
    expect(read(stream.next({ levelDbov: -42 }))).toBe(-42);
    expect(read(stream.next())).toBe(-30);
  });

  test('is of sound only: not of RTCP, nor of the tones of a telephone', () => {
    const read = levelReaderOf(opus, { payloadType: 107, extensionId: 10 })!;
    const own = { id: 10, data: Buffer.from([30]), padding: 0 };
    for (const payloadType of [101, 200 & 0x7f]) {
      expect(read(packetWith([own], { long: false, sources: 0, payloadType }))).toBeUndefined();
    }
    expect(read(Buffer.alloc(3))).toBeUndefined();
  });

  test('is the energy of G.711 where there is no extension', () => {
    const read = levelReaderOf(pcmu, { payloadType: 0, extensionId: 10 })!;
    // The mean square of a sine is half of its peak's: 3 dB.
    expect(read(g711(0, muLawTone(0.9)))).toBe(-4);
    expect(read(g711(0, muLawTone(0.1)))).toBe(-23);
    expect(read(g711(0, muLawTone(0.01)))).toBe(-43);
    expect(read(g711(0, Buffer.alloc(160, 0xff)))).toBe(-127);
    const readALaw = levelReaderOf(pcma, { payloadType: 8, extensionId: 10 })!;
    // A-law has no zero: its smallest step is 72 dB below the loudest.
    expect(readALaw(g711(8, Buffer.alloc(160, 0xd5)))).toBeLessThan(-70);
    expect(readALaw(g711(8, Buffer.alloc(160, 0x2a)))).toBeGreaterThan(-1);
  });

  test('cannot be read of what neither says it nor is G.711', () => {
    const silentOpus = { ...opus, headerExtensions: opus.headerExtensions.filter(({ uri }) => uri !== audioLevelUri) };
    expect(levelReaderOf(silentOpus, { payloadType: 107, extensionId: 10 })).toBeUndefined();
  });

  test('of anything at all is a level or nothing', () => {
    const readers = [
      levelReaderOf(opus, { payloadType: 107, extensionId: 10 })!,
      levelReaderOf(pcmu, { payloadType: 107, extensionId: 10 })!,
    ];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const packet = Buffer.from(bytes);
        if (packet.length > 1) packet.writeUInt8(107, 1);
        for (const read of readers) {
          const level = read(packet);
          if (typeof level === 'number') expect(level).toBeGreaterThanOrEqual(-127);
          if (typeof level === 'number') expect(level).toBeLessThanOrEqual(0);
        }
      }),
    );
  });
});
