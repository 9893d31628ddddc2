import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage, toPlain } from '../../../proto/binary.ts';
import type { MethodName } from '../../../proto/gen/types.ts';
import { roomSnapshot } from '../../test/snapshots.ts';
import { protobufCodec } from './protobuf.ts';

function decode(bytes: Uint8Array, method?: MethodName) {
  return protobufCodec.decode(new Uint8Array(bytes).buffer, () => method);
}

describe('protobufCodec', () => {
  it('writes calls as ClientFrame, on a buffer of their own', () => {
    const bytes = protobufCodec.encodeCall(7, 'room.leave', { room: 'a' }) as Uint8Array;
    const frame = toPlain(decodeMessage('ClientFrame', bytes)) as { params: Uint8Array };
    expect(frame).toMatchObject({ id: 7, method: 'room.leave' });
    expect(toPlain(decodeMessage('LeaveRequest', frame.params))).toEqual({ room: 'a' });
    expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
  });

  it('reads an answer by the method that was called, with every default filled in', () => {
    const snapshot = roomSnapshot();
    const answer = encodeMessage('ServerFrame', { id: 7, result: encodeMessage('RoomSnapshot', snapshot) });
    expect(decode(answer, 'room.join')).toEqual({ kind: 'result', id: 7, result: snapshot });
    expect(decode(encodeMessage('ServerFrame', { id: 8 }), 'room.leave')).toEqual({
      kind: 'result',
      id: 8,
      result: {},
    });
  });

  it('reads events and errors', () => {
    const roomLeft = { room: 'a', reason: 'closed', explanation: '' };
    expect(decode(encodeMessage('ServerFrame', { event: { roomLeft } }))).toEqual({
      kind: 'event',
      event: { name: 'roomLeft', payload: roomLeft },
    });
    const error = { code: 'NOT_FOUND', reason: 'PEER_NOT_FOUND', message: 'no', details: { peerId: 'x' } };
    expect(decode(encodeMessage('ServerFrame', { id: 7, error }), 'chat.send')).toMatchObject({
      kind: 'error',
      id: 7,
      error: { reason: 'PEER_NOT_FOUND', details: { peerId: 'x' }, retryAfterMs: undefined },
    });
  });

  it('does not know answers that nobody waits for, nor errors of no call', () => {
    expect(decode(encodeMessage('ServerFrame', { id: 7, result: new Uint8Array([255]) }))).toEqual({ kind: 'unknown' });
    expect(decode(encodeMessage('ServerFrame', { id: 0, error: { reason: 'BAD_FRAME' } }))).toEqual({
      kind: 'unknown',
    });
  });

  it('whatever bytes come, they are read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          expect(['result', 'error', 'event', 'unknown']).toContain(decode(bytes, 'room.join').kind);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect((error as Error).name).not.toBe('AssertionError');
        }
      }),
      { seed: 20_261_121, numRuns: 2_000 },
    );
  });
});
