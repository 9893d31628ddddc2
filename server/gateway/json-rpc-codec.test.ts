import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { jsonRpcCodec } from './json-rpc-codec.ts';

function decode(text: string, isBinary = false) {
  const bytes = new Uint8Array(Buffer.from(text));
  return jsonRpcCodec.decode(bytes.buffer, isBinary);
}

/** The answer to a frame that could not be read. */
function complaint(text: string, isBinary = false) {
  const message = decode(text, isBinary);
  if (message.kind !== 'malformed') throw new Error(`it was read as a ${message.kind}`);
  return JSON.parse(String(message.answer));
}

const call = (members: object) =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'room.join', params: {}, ...members });

describe('decode()', () => {
  test('reads calls in every form that JSON has', () => {
    const expected = { kind: 'call', id: 7, method: 'room.join', params: { room: 'a', deep: [{ x: '}"' }] } };
    const members = [
      '"jsonrpc":"2.0"',
      '"id":7',
      '"method":"room.join"',
      '"params":{"room":"a","deep":[{"x":"}\\""}]}',
    ];
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 0, 3, 2],
    ]) {
      expect(decode(`{${order.map((index) => members[index]).join(',')}}`)).toEqual(expected);
      expect(decode(` {\n${order.map((index) => members[index]).join(' ,\t')}\r\n} `)).toEqual(expected);
    }
    expect(decode(call({ id: 'a"b', params: { x: 1 } }))).toEqual({
      kind: 'call',
      id: 'a"b',
      method: 'room.join',
      params: { x: 1 },
    });
    expect(decode(call({ id: -3, extra: true }))).toMatchObject({ kind: 'call', id: -3 });
    expect(decode('{"jsonrpc":"2.0","id":0,"method":"m"}')).toEqual({ kind: 'call', id: 0, method: 'm', params: {} });
  });

  test('reads a call in its usual form as JSON.parse would, whatever its parameters are', () => {
    fc.assert(
      fc.property(fc.nat(), fc.object(), (id, params) => {
        const text = JSON.stringify({ jsonrpc: '2.0', id, method: 'a.b', params });
        expect(decode(text)).toEqual({ kind: 'call', id, method: 'a.b', params: JSON.parse(JSON.stringify(params)) });
      }),
    );
  });

  test('is not led astray by what looks like the usual form', () => {
    // The last member of a name counts, as in JSON.parse.
    expect(decode('{"jsonrpc":"2.0","id":1,"method":"a","params":{"x":1},"id":2}')).toMatchObject({
      id: 2,
      params: { x: 1 },
    });
    expect(decode('{"jsonrpc":"2.0","id":1,"method":"a","params":{},"method":"b"}')).toMatchObject({ method: 'b' });
    expect(complaint('{"jsonrpc":"2.0","id":1,"method":"a","params":{}}}').error.code).toBe(-32700);
    expect(complaint('{"jsonrpc":"2.0","id":1,"method":"a","params":{}').error.code).toBe(-32700);
    expect(complaint('{"jsonrpc":"2.0","id":1,"method":"a","params":}').error.code).toBe(-32700);
    expect(decode('{"jsonrpc":"2.0","id":01,"method":"a","params":{}}').kind).toBe('malformed');
  });

  test('a call without an id is a notification, which gets no answer', () => {
    expect(decode('{"jsonrpc":"2.0","method":"session.ping"}')).toEqual({ kind: 'notification' });
  });

  test('what is no JSON is answered with -32700 and the id null', () => {
    for (const text of ['', 'hello', '{"jsonrpc"', '\u0000', 'undefined', '{}{}', '"']) {
      expect(complaint(text), text).toMatchObject({
        jsonrpc: '2.0',
        id: null,
        error: { code: -32700, data: { reason: 'BAD_FRAME', code: 'INVALID_ARGUMENT' } },
      });
    }
  });

  test('what is JSON and no call is answered with -32600', () => {
    for (const text of ['1', 'null', '"x"', 'true', '{}', call({ jsonrpc: '1.0' }), call({ jsonrpc: 2 })]) {
      expect(complaint(text), text).toMatchObject({ id: null, error: { code: -32600 } });
    }
    for (const id of [null, true, {}, [], 1.5, 1e300, 'x'.repeat(129)]) {
      expect(complaint(call({ id })), String(id)).toMatchObject({ id: null, error: { code: -32600 } });
    }
    for (const method of [1, null, '', {}, 'x'.repeat(65)]) {
      expect(complaint(call({ id: 5, method })), String(method)).toMatchObject({ id: 5, error: { code: -32600 } });
    }
    expect(complaint('{"jsonrpc":"2.0","id":5,"result":{}}')).toMatchObject({ id: 5, error: { code: -32600 } });
  });

  test('parameters that are no object are answered with -32602 and the id of the call', () => {
    for (const params of [[], 'x', 5, null, true]) {
      expect(complaint(call({ params })), String(params)).toMatchObject({ id: 1, error: { code: -32602 } });
    }
    expect(complaint('{"jsonrpc":"2.0","id":5,"method":"a","params":null}')).toMatchObject({ id: 5 });
  });

  test('a batch is refused with what to do instead', () => {
    const answer = complaint(`[${call({})}]`);
    expect(answer).toMatchObject({ id: null, error: { code: -32600 } });
    expect(answer.error.message).toContain('send one call a frame');
  });

  test('a binary frame is refused with what is wrong', () => {
    expect(complaint(call({}), true).error.message).toContain('takes text frames, and this one is binary');
  });

  test('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (bytes, isBinary) => {
        const { kind } = jsonRpcCodec.decode(new Uint8Array(bytes).buffer, isBinary);
        expect(['call', 'notification', 'malformed']).toContain(kind);
      }),
    );
  });
});

describe('encode', () => {
  test('an answer and an error carry the id as it was', () => {
    for (const id of [0, 42, -1, 'x', 'a"\\b', '\u2028']) {
      expect(JSON.parse(String(jsonRpcCodec.encodeResult(id, 'session.ping', { payload: 'p' })))).toEqual({
        jsonrpc: '2.0',
        id,
        result: { payload: 'p' },
      });
      expect(JSON.parse(String(jsonRpcCodec.encodeError(id, new AppError('INTERNAL')))).id).toBe(id);
    }
  });

  test('an error has the code of JSON-RPC, the sentence, and the reason with its details beside', () => {
    const error = new AppError(
      'ROOM_FULL',
      { room: 'a', limit: 2 },
      { retryAfterMs: 1_000, cause: new Error('secret') },
    );
    expect(JSON.parse(String(jsonRpcCodec.encodeError(3, error)))).toEqual({
      jsonrpc: '2.0',
      id: 3,
      error: {
        code: -32008,
        message: 'The room a is full: it holds 2.',
        data: {
          reason: 'ROOM_FULL',
          code: 'RESOURCE_EXHAUSTED',
          details: { room: 'a', limit: 2 },
          retryAfterMs: 1_000,
        },
      },
    });
    expect(JSON.parse(String(jsonRpcCodec.encodeError(3, new AppError('UNKNOWN_METHOD'))))).toMatchObject({
      error: { code: -32601 },
    });
    expect(JSON.parse(String(jsonRpcCodec.encodeError(3, new AppError('BAD_REQUEST'))))).toMatchObject({
      error: { code: -32602 },
    });
    expect(JSON.parse(String(jsonRpcCodec.encodeProblem(error)))).toMatchObject({ id: null, error: { code: -32008 } });
  });

  test('an event is a notification', () => {
    const [frame, ...more] = jsonRpcCodec.encodeEvent('tokenExpiring', { expiresAtMs: 5 });
    expect(more).toEqual([]);
    expect(JSON.parse(new TextDecoder().decode(frame as Uint8Array))).toEqual({
      jsonrpc: '2.0',
      method: 'tokenExpiring',
      params: { expiresAtMs: 5 },
    });
  });
});
