import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { audioLevelBytes, readAudioLevel, writeAudioLevel } from './header-extensions.ts';
import { fixedHeaderBytes, isRtcp, parseRtp, writeRtpHeader } from './rtp-packet.ts';

const header = fc.record({
  payloadType: fc.constantFrom(0, 8, 9, 13, 63, 96, 101, 127),
  sequence: fc.integer({ min: 0, max: 0xffff }),
  timestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
  ssrc: fc.integer({ min: 0, max: 0xffff_ffff }),
  marker: fc.boolean(),
});
const payload = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));

describe('an RTP packet', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(header, payload, (header, payload) => {
        const bytes = Buffer.alloc(fixedHeaderBytes + payload.length);
        writeRtpHeader(bytes, header, false);
        payload.copy(bytes, fixedHeaderBytes);
        expect(parseRtp(bytes)).toEqual({ ...header, payload });
        expect(isRtcp(bytes)).toBe(false);
      }),
    );
  });

  test('is read behind contributors, an extension and before padding', () => {
    const sources = fc.integer({ min: 0, max: 15 });
    const padding = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(header, payload, sources, fc.integer({ min: 0, max: 127 }), padding, (...drawn) => {
        const [header, payload, sources, level, padding] = drawn;
        const at = fixedHeaderBytes + 4 * sources;
        const bytes = Buffer.alloc(at + audioLevelBytes + payload.length + padding);
        writeRtpHeader(bytes, header, true);
        bytes[0] = (bytes[0] ?? 0) | sources | (padding > 0 ? 0x20 : 0);
        writeAudioLevel(bytes, at, 3, 0 - level);
        payload.copy(bytes, at + audioLevelBytes);
        if (padding > 0) bytes[bytes.length - 1] = padding;
        expect(parseRtp(bytes)).toEqual({ ...header, payload });
        expect(readAudioLevel(bytes, 3)).toBe(0 - level);
        expect(readAudioLevel(bytes, 4)).toBeUndefined();
      }),
    );
  });

  test('that is cut off, or says more than it has, is none', () => {
    const whole = Buffer.alloc(24);
    writeRtpHeader(whole, { payloadType: 0, sequence: 1, timestamp: 2, ssrc: 3, marker: false }, true);
    whole.writeUInt16BE(2, 14);
    expect(parseRtp(whole)?.payload).toHaveLength(0);
    for (let length = 0; length < whole.length; length++) expect(parseRtp(whole.subarray(0, length))).toBeUndefined();
  });

  test('of another version, with padding beyond its start, or of RTCP, is none', () => {
    const plain = Buffer.alloc(20);
    writeRtpHeader(plain, { payloadType: 0, sequence: 1, timestamp: 2, ssrc: 3, marker: false }, false);
    const changed = (change: (bytes: Buffer) => void) => {
      const bytes = Buffer.from(plain);
      change(bytes);
      return parseRtp(bytes);
    };
    expect(changed(() => {})).toBeDefined();
    expect(changed((bytes) => bytes.writeUInt8(0x40, 0))).toBeUndefined();
    expect(changed((bytes) => bytes.writeUInt8(0xa0, 0))).toBeUndefined();
    expect(changed((bytes) => bytes.fill(9, 19).writeUInt8(0xa0, 0))).toBeUndefined();
    expect(changed((bytes) => bytes.writeUInt8(200, 1))).toBeUndefined();
  });

  test('of any bytes at all is read or refused, without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.integer({ min: 0, max: 255 }), (random, first) => {
        const bytes = Buffer.from(random);
        if (bytes.length > 0) bytes[0] = (first & 0x3f) | 0x80;
        const packet = parseRtp(bytes);
        const level = readAudioLevel(bytes, first & 0x0f);
        if (packet) expect(packet.payload.length).toBeLessThanOrEqual(bytes.length - fixedHeaderBytes);
        if (level !== undefined) expect(Math.abs(level)).toBeLessThanOrEqual(127);
        isRtcp(bytes);
      }),
      { numRuns: 2_000 },
    );
  });
});
