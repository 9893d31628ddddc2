import { describe, expect, it } from 'vitest';
import { jsonCodec } from './json.ts';

const decode = (text: string) => jsonCodec.decode(text, () => undefined);

describe('jsonCodec', () => {
  it('writes calls as JSON-RPC 2.0, without what is undefined', () => {
    const frame = jsonCodec.encodeCall(7, 'room.join', { room: 'a', options: undefined });
    expect(JSON.parse(frame as string)).toEqual({ jsonrpc: '2.0', id: 7, method: 'room.join', params: { room: 'a' } });
  });

  it('reads answers and events', () => {
    expect(decode('{"jsonrpc":"2.0","id":7,"result":{"room":"a"}}')).toEqual({
      kind: 'result',
      id: 7,
      result: { room: 'a' },
    });
    expect(decode('{"jsonrpc":"2.0","method":"roomLeft","params":{"room":"a"}}')).toEqual({
      kind: 'event',
      event: { name: 'roomLeft', payload: { room: 'a' } },
    });
  });

  it('reads why a call failed, details as text', () => {
    const data = { reason: 'ROOM_FULL', details: { room: 'a', limit: 2 }, retryAfterMs: 50 };
    const message = decode(JSON.stringify({ jsonrpc: '2.0', id: 7, error: { code: -32008, message: 'full', data } }));
    expect(message).toMatchObject({
      kind: 'error',
      id: 7,
      error: { reason: 'ROOM_FULL', message: 'full', details: { room: 'a', limit: '2' }, retryAfterMs: 50 },
    });
  });

  it('an error without data is one of the server', () => {
    const message = decode('{"jsonrpc":"2.0","id":7,"error":{"code":-32603,"message":"oops"}}');
    expect(message).toMatchObject({ error: { reason: 'INTERNAL', retryAfterMs: undefined, details: {} } });
  });

  it.each([
    ['an event of later', '{"jsonrpc":"2.0","method":"weatherChanged","params":{}}'],
    ['an event called like a member of every object', '{"jsonrpc":"2.0","method":"constructor","params":{}}'],
    ['an error of no call', '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"not JSON"}}'],
  ])('does not know %s', (_what, text) => {
    expect(decode(text)).toEqual({ kind: 'unknown' });
  });

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['nothing at all', '{}'],
    ['an answer without an id', '{"result":{}}'],
    ['a result that is no object', '{"id":1,"result":1}'],
    ['an event without a payload', '{"method":"roomLeft"}'],
    ['an error that is no object', '{"id":1,"error":"no"}'],
  ])('cannot read %s', (_what, text) => {
    expect(() => decode(text)).toThrow();
  });
});
