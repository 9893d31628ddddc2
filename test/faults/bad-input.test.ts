// What no client of ours would send, to a whole server over real sockets: told, survived, and nobody else notices.

import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Receipt } from '../../proto/gen/types.ts';
import { eventually } from '../support/eventually.ts';
import { clientFrame } from '../support/raw-web-socket.ts';
import { requireOrSkip } from '../support/require.ts';
import { ServerProcess } from '../support/server-process.ts';
import { countedFrom, Member, toCursor } from './member.ts';
import { type Message, RawMember } from './raw-member.ts';

const room = 'standup';

describe.skipIf(!requireOrSkip('mediasoup'))('bad input to a whole server', () => {
  let server: ServerProcess;
  let bob: Member;
  beforeAll(async () => {
    server = await ServerProcess.start();
    bob = await Member.join(server, 'bob', room);
  });
  afterAll(async () => {
    // Whatever came: it is the same process, and nothing of it was an error of its own.
    expect(await bob.get('session.ping', { payload: 'still here' })).toEqual({ payload: 'still here' });
    expect(server.output.split('\n').filter((line) => line.includes('"level":"error"'))).toEqual([]);
    await server[Symbol.asyncDispose]();
  });

  async function reasonOf(member: Member, method: string, params: object): Promise<string | undefined> {
    return (await member.call(method, params)).error?.data.reason;
  }

  test('bytes that are no text end the connection, and reach nobody', async () => {
    const ada = await RawMember.join(server, 'ada-1', room);
    const [head = '', tail = ''] = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'chat.send',
      params: { room, clientId: 'bad-text', text: '|' },
    }).split('|');
    ada.socket.write(clientFrame(Buffer.concat([Buffer.from(head), Buffer.from([0xc0, 0xaf]), Buffer.from(tail)])));
    await once(ada.socket, 'close');
    const { seq } = await (await Member.join(server, 'ada-2', room)).send(room, 'good-text');
    await eventually(() => bob.heard(room).at(-1)?.seq === seq, 'the next message');
    expect(bob.heard(room).some(({ clientId }) => clientId === 'bad-text')).toBe(false);
  });

  test('messages that are too long, have no client id or one that was used, are refused with their reasons', async () => {
    const ada = await Member.join(server, 'ada-3', room);
    const send = (clientId: unknown, text: string) => reasonOf(ada, 'chat.send', { room, clientId, text });
    expect(await send('longest', 'x'.repeat(16_384))).toBeUndefined();
    expect(await send('too-long', 'x'.repeat(16_385))).toBe('BAD_REQUEST');
    expect(await send('too-long', '€'.repeat(5_462))).toBe('BAD_REQUEST');
    expect(await send(undefined, 'x')).toBe('BAD_REQUEST');
    expect(await send('', 'x')).toBe('BAD_REQUEST');
    expect(await send('has a space', 'x')).toBe('BAD_REQUEST');
    expect(await send(17, 'x')).toBe('BAD_REQUEST');
    expect(await send('longest', 'something else')).toBe('CLIENT_ID_CONFLICT');
    expect(
      (await ada.readAll(room)).filter(({ identity, kind }) => identity === 'ada-3' && kind === 'message'),
    ).toHaveLength(1);
  });

  test('a frame over the limit is told with the close', async () => {
    const ada = await RawMember.join(server, 'ada-4', room);
    ada.post('large', 'chat.send', { room, clientId: 'large', text: 'x'.repeat(70_000) });
    expect(await eventually(() => ada.close, 'the close')).toMatchObject({ reason: 'FRAME_TOO_LARGE' });
  });

  test.each([
    { limit: 201 },
    { limit: 4_294_967_295 },
    { limit: 1e300 },
    { limit: -1 },
    { limit: 1.5 },
    { limit: '50' },
    { beforeSeq: 0 },
    { beforeSeq: 1, afterSeq: 1 },
    { afterSeq: -1 },
    { afterSeq: 0.5 },
    { afterSeq: 1e300 },
  ])('a page of %j is refused', async (page) => {
    expect(await reasonOf(bob, 'log.read', { room, ...page })).toBe('BAD_REQUEST');
  });

  test('searches that ask for too much, or for nothing, are refused or empty', async () => {
    for (const more of [{ limit: 101 }, { query: '' }, { query: 'x'.repeat(257) }, { beforeSeq: 0 }]) {
      expect(await reasonOf(bob, 'log.search', { room, query: 'x', ...more }), JSON.stringify(more)).toBe(
        'BAD_REQUEST',
      );
    }
    for (const query of ['"', '*', 'NEAR(', 'a" OR "b', '\u0000']) {
      expect(await bob.get('log.search', { room, query }), query).toMatchObject({ records: [], more: false });
    }
  });

  test('cursors of another room, of nowhere and of rooms that one is not in, lead to no record', async () => {
    const ada = await Member.join(server, 'ada-5', room);
    await ada.get('room.join', { room: 'other' });
    const here = toCursor(await ada.send(room, 'here'));
    const there = toCursor(await ada.send('other', 'there'));
    expect(await ada.sync(room, there)).toMatchObject({ status: 'gap', gapReason: 'epoch', records: [] });
    const forged = { ...here, messageId: there.messageId };
    expect(await ada.sync(room, forged)).toMatchObject({ status: 'gap', gapReason: 'fork', records: [] });
    const far = { ...here, seq: Number.MAX_SAFE_INTEGER };
    expect(await ada.sync(room, far)).toMatchObject({ status: 'gap', gapReason: 'fork', records: [] });
    expect(await bob.sync('other', there)).toMatchObject({
      status: 'refused',
      errorReason: 'NOT_IN_ROOM',
      records: [],
    });
    const twice = {
      rooms: [
        { room, cursor: here },
        { room, cursor: here },
      ],
    };
    expect(await reasonOf(ada, 'log.sync', twice)).toBe('BAD_REQUEST');
    const many = { rooms: countedFrom(0, 201).map((n) => ({ room: `room-${n}`, cursor: here })) };
    expect(await reasonOf(ada, 'log.sync', many)).toBe('BAD_REQUEST');
  });

  test('a flood of messages is told when to go on, and what was taken is there once', async () => {
    const ada = await Member.join(server, 'ada-6', room);
    const ids = countedFrom(0, 60).map((n) => `flood-${n}`);
    const answers = await Promise.all(ids.map((clientId) => ada.call('chat.send', { room, clientId, text: clientId })));
    const refused = answers.flatMap(({ error }) => error?.data ?? []);
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused.map(({ reason }) => reason))).toEqual(new Set(['RATE_LIMITED']));
    for (const { retryAfterMs } of refused) {
      expect(retryAfterMs).toBeGreaterThan(0);
      expect(retryAfterMs).toBeLessThanOrEqual(1_000);
    }
    const taken = answers.flatMap(({ result }) => (result ? [(result as unknown as Receipt).seq] : []));
    const last = ids.at(-1) ?? '';
    await eventually(
      async () => (await ada.call('chat.send', { room, clientId: last, text: last })).result,
      'its turn',
    );
    const mine = (await bob.readAll(room)).filter(({ identity, kind }) => identity === 'ada-6' && kind === 'message');
    expect(mine.map(({ seq }) => seq).slice(0, taken.length)).toEqual(taken);
    expect(mine).toHaveLength(taken.length + 1);
  });

  test('who floods the socket itself is told when to come back, and closed', async () => {
    const ada = await RawMember.join(server, 'ada-7', room);
    const told: Message[] = [];
    ada.listen((message) => told.push(message));
    for (const n of countedFrom(0, 2_000)) ada.post(`ping-${n}`, 'session.ping', { payload: '' });
    expect(await eventually(() => ada.close, 'the close')).toMatchObject({ reason: 'RATE_LIMITED' });
    expect(told.find(({ error }) => error)).toMatchObject({
      error: { data: { reason: 'RATE_LIMITED', retryAfterMs: expect.any(Number) } },
    });
    expect(told.at(-1)).toMatchObject({
      method: 'sessionClosing',
      params: { reason: 'RATE_LIMITED', retryAfterMs: expect.any(Number) },
    });
  });
});
