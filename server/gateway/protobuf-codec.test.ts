import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { decodeMessage, encodeMessage, toPlain } from '../../proto/binary.ts';
import { protobufCodec } from './protobuf-codec.ts';

const decode = (bytes: Uint8Array, isBinary = true) => protobufCodec.decode(new Uint8Array(bytes).buffer, isBinary);
const frame = (id: number, method: string, params: Uint8Array = new Uint8Array()) =>
  encodeMessage('ClientFrame', { id, method, params });
const read = (bytes: unknown) => toPlain(decodeMessage('ServerFrame', bytes as Uint8Array)) as Record<string, unknown>;

function complaint(bytes: Uint8Array, isBinary = true) {
  const message = decode(bytes, isBinary);
  if (message.kind !== 'malformed') throw new Error(`it was read as a ${message.kind}`);
  return read(message.answer);
}

describe('decode()', () => {
  test('reads a call with the parameters of its method', () => {
    const params = encodeMessage('JoinRequest', { room: 'a', options: { maxPeers: 3 } });
    const message = decode(frame(7, 'room.join', params));
    expect(message).toMatchObject({ kind: 'call', id: 7, method: 'room.join' });
    expect(message.kind === 'call' && toPlain(message.params)).toMatchObject({ room: 'a', options: { maxPeers: 3 } });
  });

  test('hands on methods that it does not know, with nothing in their parameters', () => {
    for (const method of ['no.such', 'constructor', '__proto__', 'toString']) {
      expect(decode(frame(1, method, new Uint8Array([1, 2, 3])))).toEqual({ kind: 'call', id: 1, method, params: {} });
    }
  });

  test('says what is wrong, with the id of the call where there is one', () => {
    expect(complaint(new Uint8Array([0xff, 0xff]))).toMatchObject({
      id: 0,
      error: { reason: 'BAD_FRAME', code: 'INVALID_ARGUMENT' },
    });
    expect(complaint(new TextEncoder().encode('{"jsonrpc":"2.0"}'))).toMatchObject({ id: 0 });
    expect(complaint(frame(0, 'session.ping'))).toMatchObject({
      error: { details: { problem: 'the id of a call is not 0' } },
    });
    expect(complaint(new Uint8Array())).toMatchObject({ id: 0 });
    expect(complaint(frame(5, ''))).toMatchObject({ id: 5 });
    expect(complaint(frame(5, 'x'.repeat(65)))).toMatchObject({ id: 5 });
    expect(complaint(frame(5, 'session.ping', new Uint8Array([0x0a, 0x7f])))).toMatchObject({
      id: 5,
      error: { message: 'The frame could not be read: params is not a PingRequest.' },
    });
  });

  test('a text frame is refused with what is wrong', () => {
    const { error } = complaint(frame(5, 'session.ping'), false);
    expect(error).toMatchObject({
      details: { problem: 'parley.v1.protobuf takes binary frames, and this one is text' },
    });
  });

  test('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(['call', 'malformed']).toContain(decode(bytes).kind);
      }),
    );
  });
});

describe('encode', () => {
  test('an answer carries the response message', () => {
    const answer = read(protobufCodec.encodeResult(9, 'session.ping', { payload: 'p' }));
    expect(answer['id']).toBe(9);
    expect(toPlain(decodeMessage('PingResponse', answer['result'] as Uint8Array))).toEqual({ payload: 'p' });
  });

  test('an error carries code, reason, sentence and details as text', () => {
    const error = new AppError('ROOM_FULL', { room: 'a', limit: 2 }, { retryAfterMs: 1_000 });
    const expected = {
      code: 'RESOURCE_EXHAUSTED',
      reason: 'ROOM_FULL',
      message: 'The room a is full: it holds 2.',
      details: { room: 'a', limit: '2' },
      retryAfterMs: 1_000,
    };
    expect(read(protobufCodec.encodeError(9, error))).toMatchObject({ id: 9, error: expected });
    expect(read(protobufCodec.encodeProblem(error))).toMatchObject({ id: 0, error: expected });
  });

  test('an event is one field of the oneof', () => {
    const [bytes] = protobufCodec.encodeEvent('tokenExpiring', { expiresAtMs: 5 });
    expect(read(bytes)).toMatchObject({ id: 0, event: { tokenExpiring: { expiresAtMs: 5 } } });
  });
});
