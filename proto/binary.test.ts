import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage, toPlain } from './binary.ts';

describe('encodeMessage() and decodeMessage()', () => {
  it('carry format parameters as the strings, numbers and booleans that they are', () => {
    const scalar = fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.boolean());
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), scalar), (parameters) => {
        const { __proto__: _, ...own } = parameters;
        const codec = { mimeType: 'audio/opus', payloadType: 100, clockRate: 48000, parameters: own, rtcpFeedback: [] };
        const decoded = toPlain(decodeMessage('RtpCodecParameters', encodeMessage('RtpCodecParameters', codec)));
        expect((decoded as typeof codec).parameters).toEqual(own);
      }),
      { numRuns: 200 },
    );
  });

  it('throw for bytes that are not a message, whatever they are', () => {
    const decode = (bytes: Uint8Array) => {
      try {
        decodeMessage('ClientFrame', bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), decode), { numRuns: 2000 });
    expect(() => decodeMessage('ClientFrame', Uint8Array.of(0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f))).toThrow();
  });

  it('refuse a type that the contract does not name', () => {
    expect(() => encodeMessage('Nonsense', {})).toThrow('the contract has no message Nonsense');
  });
});

describe('toPlain()', () => {
  it('fills in defaults, leaves absent optional fields out and keeps no prototype', () => {
    const plain = toPlain(decodeMessage('ConsumeResponse', encodeMessage('ConsumeResponse', { consumerId: 'c' })));
    expect(plain).toEqual({
      consumerId: 'c',
      producerId: '',
      kind: '',
      producerPaused: false,
      spatialLayers: 0,
      temporalLayers: 0,
      encrypted: false,
    });
    expect(Object.getPrototypeOf(plain)).toBe(Object.prototype);
  });
});
