import { expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import type { EventName, Events, LogRecord } from '../../proto/gen/types.ts';
import { toRecord } from '../../test/support/echo-edges.ts';
import { encodePlainChatAnswer, encodePlainChatError, plainChatCodec } from './plain-chat-codec.ts';

const greeting = toRecord(7, { text: 'Grüß dich', name: 'Ada' });

function frames<Name extends EventName>(name: Name, payload: Events[Name]): unknown[] {
  return plainChatCodec
    .encodeEvent(name, payload)
    .map((frame) => JSON.parse(new TextDecoder().decode(frame as Uint8Array)));
}

test('a chat message has its text, who wrote it, its id and when', () => {
  const at = 1_700_000_000_000;
  expect(frames('logRecords', { room: 'a', epoch: 'e', records: [greeting, { ...greeting, clientId: 'c1' }] })).toEqual(
    [
      { type: 'message', content: 'Grüß dich', user: 'Ada', id: 'm_000000000007', seq: 7, at },
      { type: 'message', content: 'Grüß dich', user: 'Ada', id: 'm_000000000007', seq: 7, at, clientId: 'c1' },
    ],
  );
});

test('of the log only messages are frames, and none that was deleted', () => {
  const records: LogRecord[] = [
    { ...greeting, kind: 'reaction', message: undefined, targetId: 'm_1', reaction: { emoji: '👍', on: true } },
    { ...greeting, kind: 'joined', message: undefined, via: 'client' },
    { ...greeting, message: { text: '', mentions: [], reactions: [], changedSeq: 9, deletedBy: 'mia' } },
  ];
  expect(frames('logRecords', { room: 'a', epoch: 'e', records })).toEqual([]);
});

test('a page of history has the same messages, and says whether there are older ones', () => {
  const history = JSON.parse(String(encodePlainChatAnswer({ messages: [greeting], more: true })));
  expect(history).toEqual({
    type: 'history',
    messages: [expect.objectContaining({ seq: 7, user: 'Ada' })],
    more: true,
  });
});

test('a message that was there already is a frame for who sent it again, and none once it was deleted', () => {
  expect(JSON.parse(String(encodePlainChatAnswer(greeting)))).toMatchObject({ type: 'message', seq: 7, user: 'Ada' });
  const message = { text: '', mentions: [], reactions: [], changedSeq: 9, deletedBy: 'mia' };
  expect(encodePlainChatAnswer({ ...greeting, message })).toBeUndefined();
});

test('peers that come and go together are a frame each', () => {
  const peer = {
    peerId: 'p',
    identity: 'i',
    metadata: '',
    kind: 'client' as const,
    joinedAtMs: 1,
    away: false,
    producers: [],
  };
  const peers = [
    { ...peer, name: 'Ada' },
    { ...peer, name: 'Ben' },
  ];
  expect(frames('peersJoined', { room: 'a', peers, peerCount: 2 })).toEqual([
    { type: 'join', user: 'Ada' },
    { type: 'join', user: 'Ben' },
  ]);
  expect(
    frames('peersLeft', { room: 'a', peers: [{ peerId: 'p', reason: 'left', name: 'Ada' }], peerCount: 1 }),
  ).toEqual([{ type: 'leave', user: 'Ada' }]);
});

test('that the server closes the connection is an error with its sentence', () => {
  expect(frames('sessionClosing', { reason: 'SERVER_DRAINING', retryAfterMs: 300 })).toEqual([
    { type: 'error', reason: 'SERVER_DRAINING', content: 'The server is stopping.', retryAfterMs: 300 },
  ]);
  expect(frames('sessionClosing', { reason: 'toString' })).toEqual([
    { type: 'error', reason: 'toString', content: 'toString' },
  ]);
});

test('what has no place in the plain chat is no frame', () => {
  expect(frames('activeSpeakerChanged', { room: 'a', peerId: 'p' })).toEqual([]);
  expect(
    frames('mediaReset', {
      room: 'a',
      mediaEpoch: 1,
      routerRtpCapabilities: { codecs: [], headerExtensions: [] },
      peerIds: [],
    }),
  ).toEqual([]);
});

test('a refusal says its reason, a sentence, and when to try again', () => {
  expect(JSON.parse(String(encodePlainChatError(new AppError('ROOM_FULL', { room: 'a', limit: 2 }))))).toEqual({
    type: 'error',
    reason: 'ROOM_FULL',
    content: 'The room a is full: it holds 2.',
  });
  const limited = new AppError('RATE_LIMITED', { what: 'messages' }, { retryAfterMs: 20 });
  expect(JSON.parse(String(encodePlainChatError(limited, 'c1')))).toMatchObject({ retryAfterMs: 20, clientId: 'c1' });
});
