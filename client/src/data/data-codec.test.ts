import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage, toPlain } from '../../../proto/binary.ts';
import { decodeData, encodeData } from './data-codec.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const payload = fc.uint8Array({ maxLength: 400 });

test('what is encoded here is what the contract’s codec reads', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 5 }), text, payload, (to, topic, bytes) => {
      const read = toPlain(decodeMessage('DataToServer', encodeData({ to, topic, payload: bytes }))) as {
        payload: Uint8Array;
      };
      expect({ ...read, payload: [...read.payload] }).toEqual({ toPeerIds: to, topic, payload: [...bytes] });
    }),
  );
});

test('what the contract’s codec writes is read here', () => {
  fc.assert(
    fc.property(text, text, payload, (fromPeerId, topic, bytes) => {
      const read = decodeData(encodeMessage('DataToClient', { fromPeerId, topic, payload: bytes }));
      expect({ ...read, payload: [...read.payload] }).toEqual({ from: fromPeerId, topic, payload: [...bytes] });
    }),
  );
});

test('a payload of a megabyte has its length', () => {
  const { payload: read } = decodeData(
    encodeMessage('DataToClient', { fromPeerId: 'p', topic: '', payload: new Uint8Array(1_000_000).fill(7) }),
  );
  expect([read.byteLength, read[999_999]]).toEqual([1_000_000, 7]);
});

test('whatever the bytes are, reading ends with a message or a RangeError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        decodeData(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
  );
});

test('fields of a newer contract are passed over', () => {
  const known = encodeMessage('DataToClient', { fromPeerId: 'ada', topic: 't', payload: Uint8Array.of(1) });
  const newer = Uint8Array.of(
    0x20,
    0x96,
    0x01,
    0x2a,
    0x02,
    0x68,
    0x69,
    0x35,
    1,
    2,
    3,
    4,
    0x39,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    ...known,
  );
  expect(decodeData(newer)).toEqual({ from: 'ada', topic: 't', payload: Uint8Array.of(1) });
});
