import { describe, expect, test } from 'vitest';
import { toAppError } from '../core/errors.ts';
import { startSignaling, type TestPlainClient } from './testing/start-signaling.ts';

async function refusalOf(opening: Promise<unknown>) {
  try {
    await opening;
  } catch (thrown) {
    return toAppError(thrown);
  }
  throw new Error('it was expected to fail');
}

async function refusal(client: TestPlainClient, frame: unknown): Promise<string> {
  try {
    await client.send(frame);
  } catch (thrown) {
    return toAppError(thrown).message;
  }
  throw new Error('it was expected to fail');
}

const message = (content: string, user?: string) => ({ type: 'message', content, ...(user !== undefined && { user }) });

describe('a plain chat connection', () => {
  test('without a token fails with GUESTS_NOT_ALLOWED where guests are not let in', async () => {
    const t = startSignaling({ chat: { allowGuests: false } });
    expect((await refusalOf(t.openPlainChat({ user: 'ada' }))).reason).toBe('GUESTS_NOT_ALLOWED');
    const token = t.verifier.issue({ identity: 'ada' });
    await t.openPlainChat({ token });
  });

  test('with a query that makes no sense fails with BAD_REQUEST that names the parameter', async () => {
    const t = startSignaling();
    const problem = async (query: object) => {
      const error = await refusalOf(t.openPlainChat(query));
      return [error.reason, error.message];
    };
    expect(await problem({ room: '' })).toEqual(['BAD_REQUEST', 'room must not be empty.']);
    expect((await problem({ room: '../etc' }))[1]).toContain('room must match');
    expect(await problem({ user: 'x'.repeat(129) })).toEqual(['BAD_REQUEST', 'user must be at most 128 bytes.']);
    expect((await problem({ user: 'a\u0000b' }))[1]).toContain('user must match');
    expect(t.signaling.stats()).toMatchObject({ rooms: 0, peers: { client: 0, chat: 0 } });
  });

  test('by a name with control characters, or what turns the direction of text around, is refused, and so is saying it later', async () => {
    const t = startSignaling();
    for (const hidden of ['\u0000', '\u007f', '\u0085', '\u009b', '\u2028', '\u202e', '\u2066', '\u2069']) {
      const refusal = await refusalOf(t.openPlainChat({ user: `a${hidden}b` }));
      expect(refusal.message).toContain('user must match');
      const guest = await t.openPlainChat({});
      await expect(guest.send(message('hi', `a${hidden}b`))).rejects.toThrow('user must match');
    }
    for (const user of ['דוד', 'Zoë', '李', '👩‍🚀']) await t.openPlainChat({ user });
  });

  test('with a token that is refused fails with its reason, even where guests are let in', async () => {
    const t = startSignaling();
    expect((await refusalOf(t.openPlainChat({ token: 'nonsense', user: 'ada' }))).reason).toBe('TOKEN_MALFORMED');
  });

  test('with a token that does not grant join fails with GRANT_MISSING', async () => {
    const t = startSignaling();
    const token = t.verifier.issue({ identity: 'ada', room: 'elsewhere' });
    expect((await refusalOf(t.openPlainChat({ token }))).reason).toBe('GRANT_MISSING');
  });

  test('of a full room fails with ROOM_FULL', async () => {
    const t = startSignaling({ rooms: { maxPeers: 1 } });
    await t.join({ identity: 'ada' });
    expect((await refusalOf(t.openPlainChat({ user: 'bob' }))).reason).toBe('ROOM_FULL');
  });

  test('is a peer of the same room: what either writes reaches both', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada', name: 'Ada' });
    const guest = await t.openPlainChat({ user: 'Gus' });
    expect(ada.link.of('peersJoined')).toMatchObject([{ peers: [{ name: 'Gus', kind: 'chat' }], peerCount: 2 }]);
    await guest.send(message('hello'));
    await ada.say('welcome');
    const texts = [
      ['Gus', 'hello'],
      ['Ada', 'welcome'],
    ];
    for (const { link } of [ada, guest]) {
      expect(link.messages().map(({ name, message: { text } }) => [name, text])).toEqual(texts);
    }
    expect(t.signaling.stats()).toMatchObject({ rooms: 1, peers: { client: 1, chat: 1 }, messages: 2 });
  });

  test('gives every guest an identity of its own', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    await t.openPlainChat({ user: 'Gus' });
    await t.openPlainChat({ user: 'Gus' });
    const identities = ada.link.of('peersJoined').flatMap(({ peers }) => peers.map((peer) => peer.identity));
    expect(new Set(identities).size).toBe(2);
    for (const identity of identities) expect(identity).toMatch(/^guest:/);
  });

  test('calls a guest without a name something, until its first message says a name', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const guest = await t.openPlainChat({});
    expect(ada.link.of('peersJoined')[0]?.peers[0]?.name).toMatch(/^Guest [0-9a-f]{4}$/);
    await guest.send(message('still nobody', '  '));
    await guest.send(message('hello', ' Gus '));
    await guest.send(message('again', 'Mallory'));
    expect(ada.link.of('peerChanged')).toMatchObject([{ peer: { name: 'Gus' } }]);
    const names = ada.link.messages().map(({ name }) => name);
    expect(names).toEqual([expect.stringMatching(/^Guest /), 'Gus', 'Gus']);
  });

  test('keeps the name of the token, whatever the query and the messages say', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const token = t.verifier.issue({ identity: 'bob', name: 'Bob' });
    const bob = await t.openPlainChat({ token, user: 'Ada' });
    await bob.send(message('it is me', 'Ada'));
    expect(ada.link.messages()).toMatchObject([{ identity: 'bob', name: 'Bob' }]);
  });

  test('leaves at once when it closes, by name', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const guest = await t.openPlainChat({ user: 'Gus' });
    guest.link.lose();
    guest.endpoint.closed();
    await t.turns.end();
    expect(ada.link.of('peersLeft')).toMatchObject([{ peers: [{ name: 'Gus', reason: 'left' }], peerCount: 1 }]);
    expect(t.signaling.stats().peers).toEqual({ client: 1, chat: 0, phone: 0 });
  });

  test('is closed with IDENTITY_REMOVED when a moderator removes it', async () => {
    const t = startSignaling();
    const mod = await t.join({ identity: 'mod', can: ['join', 'moderate'] });
    const guest = await t.openPlainChat({ user: 'Gus' });
    const peerId = mod.link.of('peersJoined')[0]!.peers[0]!.peerId;
    await mod.call('moderation.removePeer', { room: 'standup', peerId, explanation: 'Enough.' });
    expect(guest.link.of('roomLeft')).toEqual([{ room: 'standup', reason: 'removed', explanation: 'Enough.' }]);
    expect(guest.link.closedWith).toBe('IDENTITY_REMOVED');
    await guest.send(message('am I here?'));
    expect(mod.link.messages()).toEqual([]);
  });

  test('is told and closed when its token expires', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const bob = await t.openPlainChat({ token: t.verifier.issue({ identity: 'bob', ttlMs: 5_000 }) });
    t.clock.advance(5_000);
    await t.turns.end();
    expect(bob.link.names()).toEqual(['sessionClosing']);
    expect(bob.link.closedWith).toBe('TOKEN_EXPIRED');
    expect(ada.link.of('peersLeft')).toMatchObject([{ peers: [{ reason: 'expired' }] }]);
  });

  test('leaves no timer behind', async () => {
    const t = startSignaling();
    const bob = await t.openPlainChat({ token: t.verifier.issue({ identity: 'bob' }) });
    bob.link.lose();
    t.clock.advance(t.options.rooms.idleTimeoutMs);
    expect(t.clock.pendingTimers).toBe(t.idleTimers);
  });
});

describe('a plain chat message', () => {
  test('that makes no sense is refused by name, and the connection goes on', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const guest = await t.openPlainChat({ user: 'Gus' });
    const problems: [unknown, string][] = [
      [{}, 'type is required.'],
      [{ type: 'shout', content: 'hi' }, 'type must be one of message, history.'],
      [{ type: 7, content: 'hi' }, 'type must be a string.'],
      [{ type: 'message' }, 'content must not be empty.'],
      [{ type: 'message', content: '' }, 'content must not be empty.'],
      [{ type: 'message', content: ['hi'] }, 'content must be a string.'],
      [message('x'.repeat(16_385)), 'content must be at most 16384 bytes.'],
      [{ ...message('hi'), user: {} }, 'user must be a string.'],
      ['hello', 'The message must be an object.'],
      [null, 'The message must be an object.'],
    ];
    for (const [frame, problem] of problems) expect(await refusal(guest, frame)).toBe(problem);
    await guest.send({ ...message('fine'), id: 'm_1', at: 1 });
    expect(ada.link.messages()).toMatchObject([{ message: { text: 'fine' } }]);
  });

  test('with a client id is there once, however often it is sent', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const guest = await t.openPlainChat({ user: 'Gus' });
    const wanted = { ...message('hi'), clientId: 'once' };
    expect(await guest.send(wanted)).toBeUndefined();
    expect(await guest.send(message('hi'))).toBeUndefined();
    expect(await guest.send(wanted)).toEqual(ada.link.messages()[0]);
    expect(ada.link.messages()).toHaveLength(2);
  });

  test('with a client id whose message was deleted is answered with nothing, and is not there again', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const bob = await t.openPlainChat({ token: t.verifier.issue({ identity: 'bob', can: ['join', 'chat'] }) });
    await bob.send({ ...message('hi'), clientId: 'once' });
    const messageId = ada.link.messages()[0]!.messageId;
    const moderator = await t.join({ identity: 'mia', can: ['join', 'chat', 'moderate'] });
    await moderator.call('chat.delete', { room: 'standup', clientId: 'd', messageId });
    expect(await bob.send({ ...message('hi'), clientId: 'once' })).toBeUndefined();
    expect(ada.link.messages()).toHaveLength(1);
  });

  test('of the type history is answered with the messages before it, without what was deleted', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    for (const text of ['one', 'two', 'three']) await ada.say(text);
    const { messageId } = await ada.say('four');
    await ada.call('chat.delete', { room: 'standup', clientId: 'd', messageId });
    const guest = await t.openPlainChat({ user: 'Gus' });
    const page = await guest.history(2);
    expect([page.messages.map((one) => one.message?.text), page.more]).toEqual([['two', 'three'], true]);
    const rest = await guest.history(50, page.messages[0]!.seq);
    expect([rest.messages.map((one) => one.message?.text), rest.more]).toEqual([['one'], false]);
    const bob = await t.openPlainChat({ token: t.verifier.issue({ identity: 'bob', can: ['join', 'chat'] }) });
    expect(await refusal(bob, { type: 'history' })).toBe('The token does not grant history in this room.');
  });

  test('without the grant is refused with GRANT_MISSING', async () => {
    const t = startSignaling();
    const guest = await t.openPlainChat({ token: t.verifier.issue({ identity: 'bob', can: ['join'] }) });
    expect(await refusal(guest, message('hi'))).toBe('The token does not grant chat in this room.');
  });

  test('more often than chat.send allows is refused with RATE_LIMITED', async () => {
    const t = startSignaling();
    const guest = await t.openPlainChat({ user: 'Gus' });
    for (let sent = 0; sent < 40; sent++) await guest.send(message('hi'));
    expect(await refusal(guest, message('hi'))).toBe('Too many calls of chat.send.');
    t.clock.advance(100);
    await guest.send(message('hi'));
  });
});
