import { describe, expect, test } from 'vitest';
import { startSignaling, type TestClient } from '../testing/start-signaling.ts';

const room = 'standup';
const send = (client: TestClient, clientId: string, text: string, more: object = {}) =>
  client.call('chat.send', { room, clientId, text, ...more });
const newest = async (client: TestClient) => (await client.call('log.read', { room })).records;

describe('chat.send', () => {
  test('with no text, or too much of it, or no client id, fails with BAD_REQUEST', async () => {
    const client = await startSignaling().join({ identity: 'ada' });
    const refused = (text: unknown) => client.refusal('chat.send', { room, clientId: 'c', text });
    expect((await refused('')).message).toBe('text must not be empty.');
    expect((await refused(undefined)).message).toBe('text is required.');
    expect((await refused({})).message).toBe('text must be a string.');
    expect((await refused('\ud800')).message).toBe('text must be well-formed Unicode.');
    expect((await refused('é'.repeat(8193))).message).toBe('text must be at most 16384 bytes.');
    expect((await client.refusal('chat.send', { room, text: 'hi' })).message).toBe('clientId is required.');
    expect(client.link.take()).toEqual([]);
  });

  test('without the grant fails with GRANT_MISSING and reaches nobody', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada', can: ['join'] }), await t.join({ identity: 'bob' })];
    expect((await ada.refusal('chat.send', { room, clientId: 'c', text: 'hi' })).reason).toBe('GRANT_MISSING');
    expect(bob.link.messages()).toEqual([]);
  });

  test('is answered with its place in the log, and reaches everyone in the room, the sender included', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada', name: 'Ada' });
    const [bob, cy] = [await t.join({ identity: 'bob' }), await t.join({ identity: 'cy' }, 'elsewhere')];
    const receipt = await send(ada, 'first', 'hi', { mentions: ['bob', 'bob'] });
    expect(receipt).toEqual({
      epoch: expect.any(String),
      seq: expect.any(Number),
      messageId: expect.stringMatching(/^m_/),
      atMs: t.clock.nowMs(),
      durability: 'memory',
      duplicate: false,
    });
    const record = {
      seq: receipt.seq,
      messageId: receipt.messageId,
      kind: 'message',
      atMs: receipt.atMs,
      identity: 'ada',
      name: 'Ada',
      clientId: 'first',
      message: { text: 'hi', mentions: ['bob'], reactions: [], changedSeq: 0 },
    };
    expect(ada.link.messages()).toEqual([record]);
    expect(bob.link.messages()).toEqual([record]);
    expect(cy.link.messages()).toEqual([]);
    expect((await newest(bob)).at(-1)).toEqual(record);
    expect(t.signaling.stats().messages).toBe(1);
  });

  test('gives everyone the very same event, so that it is encoded once, and one for all that was sent in a turn', async () => {
    const t = startSignaling();
    const clients = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    await t.turns.end();
    const seen: unknown[] = [];
    for (const { link } of clients) link.offerLog = (event) => seen.push(event) > 0;
    await Promise.all([send(clients[0]!, '1', 'hi'), send(clients[1]!, '1', 'hi')]);
    expect(seen).toHaveLength(2);
    expect(new Set(seen).size).toBe(1);
  });

  test('keeps the order of the room for everyone', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    for (let index = 0; index < 10; index++) await (index % 2 === 0 ? ada : bob).say(String(index));
    for (const { link } of [ada, bob]) {
      expect(link.messages().map(({ message }) => message.text)).toEqual([...'0123456789']);
      const seqs = link.records().map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.map((_, index) => seqs[0]! + index));
    }
  });

  test('of the same client id is there once, with the same answer; of another sender or another text it is not the same', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    const [first, again] = await Promise.all([send(ada, 'same', 'hi'), send(ada, 'same', 'hi')]);
    expect(again).toEqual({ ...first, duplicate: true });
    expect(await send(ada, 'same', 'hi')).toEqual({ ...first, duplicate: true });
    expect((await send(bob, 'same', 'hi')).duplicate).toBe(false);
    const conflict = await ada.refusal('chat.send', { room, clientId: 'same', text: 'ho' });
    expect([conflict.reason, conflict.code]).toEqual(['CLIENT_ID_CONFLICT', 'ALREADY_EXISTS']);
    expect(bob.link.messages().map(({ identity }) => identity)).toEqual(['ada', 'bob']);
    expect(t.signaling.stats().messages).toBe(2);
  });

  test('as an answer belongs to the thread of what it answers', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const first = await ada.say('who is there?');
    const second = await ada.say('me', { replyTo: first.messageId });
    await ada.say('and me', { replyTo: second.messageId });
    await ada.say('something else');
    const thread = { replyTo: second.messageId, threadId: first.messageId };
    expect(ada.link.messages()[2]!.message).toMatchObject(thread);
    const { records } = await ada.call('log.read', { room, threadId: first.messageId });
    expect(records.map(({ message }) => message?.text)).toEqual(['who is there?', 'me', 'and me']);
  });

  test('as an answer to what is not there fails with MESSAGE_NOT_FOUND', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const { messageId } = await ada.say('hi');
    const reaction = await ada.call('chat.react', { room, clientId: 'r', messageId, emoji: '👍', on: true });
    for (const replyTo of ['m_none', reaction.messageId]) {
      const error = await ada.refusal('chat.send', { room, clientId: 'c', text: 'hi', replyTo });
      expect([error.reason, error.details]).toEqual(['MESSAGE_NOT_FOUND', { messageId: replyTo }]);
    }
  });

  test('stays in order behind an answer whose thread has to be looked up', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const { messageId } = await ada.say('long ago');
    for (let index = 0; index < 150; index++) {
      t.clock.advance(1_000);
      await ada.say('…');
    }
    t.clock.advance(10_000);
    ada.link.take();
    await Promise.all([send(ada, 'a', 'reply', { replyTo: messageId }), send(ada, 'b', 'next')]);
    expect(ada.link.messages().map(({ message }) => message.text)).toEqual(['reply', 'next']);
    expect(ada.link.messages()[0]!.message.threadId).toBe(messageId);
  });
});

describe('chat.edit', () => {
  test('changes the message where it stands, and says so to everyone', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    const { messageId } = await ada.say('helo');
    t.clock.advance(1_000);
    const edited = await ada.call('chat.edit', { room, clientId: 'e', messageId, text: 'hello' });
    expect(bob.link.records().at(-1)).toMatchObject({ kind: 'edited', targetId: messageId, text: 'hello' });
    const [message, change] = (await newest(bob)).slice(-2);
    expect(message!.message).toMatchObject({ text: 'hello', editedAtMs: t.clock.nowMs(), changedSeq: edited.seq });
    expect(change).toMatchObject({ kind: 'edited', seq: edited.seq, text: 'hello' });
  });

  test('of the message of somebody else fails with MESSAGE_NOT_OWN, also for a moderator', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const mod = await t.join({ identity: 'mod', can: ['join', 'chat', 'history', 'moderate'] });
    const { messageId } = await ada.say('mine');
    const error = await mod.refusal('chat.edit', { room, clientId: 'e', messageId, text: 'yours' });
    expect([error.reason, error.code]).toEqual(['MESSAGE_NOT_OWN', 'PERMISSION_DENIED']);
  });

  test('of what is not a message, or of one in another room, fails with MESSAGE_NOT_FOUND', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    await ada.call('room.join', { room: 'elsewhere' });
    await t.turns.end();
    const { messageId } = await ada.say('there', { room: 'elsewhere' });
    const own = await ada.say('hi');
    const reacted = { room, clientId: 'r', messageId: own.messageId, emoji: '👍', on: true };
    const reaction = await ada.call('chat.react', reacted);
    for (const target of [messageId, 'm_none', reaction.messageId]) {
      const error = await ada.refusal('chat.edit', { room, clientId: 'e', messageId: target, text: 'x' });
      expect(error.reason).toBe('MESSAGE_NOT_FOUND');
    }
  });
});

describe('chat.delete', () => {
  test('leaves nothing of the text, its edits and its reactions, in memory and in the store', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    const { messageId } = await ada.say('secret one');
    await ada.call('chat.edit', { room, clientId: 'e', messageId, text: 'secret two' });
    await bob.call('chat.react', { room, clientId: 'r', messageId, emoji: '👍', on: true });
    const deleted = await ada.call('chat.delete', { room, clientId: 'd', messageId });
    const inMemory = await newest(bob);
    const [stored] = await t.roomLog.read([{ room, from: { after: 0 }, maxRecords: 100, maxBytes: 1_000_000 }]);
    expect(JSON.stringify(inMemory)).not.toContain('secret');
    expect(JSON.stringify(stored)).not.toContain('secret');
    expect(inMemory.find((record) => record.messageId === messageId)!.message).toEqual({
      text: '',
      mentions: [],
      deletedBy: 'ada',
      reactions: [],
      changedSeq: deleted.seq,
    });
    expect((await bob.call('log.search', { room, query: 'secret' })).records).toEqual([]);
    const again = await ada.refusal('chat.edit', { room, clientId: 'f', messageId, text: 'back' });
    expect(again.reason).toBe('MESSAGE_DELETED');
  });

  test('of the message of somebody else needs moderate', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    const mod = await t.join({ identity: 'mod', can: ['join', 'chat', 'moderate'] });
    const { messageId } = await ada.say('spam');
    const wanted = { room, clientId: 'd', messageId };
    expect((await bob.refusal('chat.delete', wanted)).reason).toBe('MESSAGE_NOT_OWN');
    await mod.call('chat.delete', wanted);
    expect(ada.link.records().at(-1)).toMatchObject({ kind: 'deleted', targetId: messageId, identity: 'mod' });
  });
});

describe('chat.react', () => {
  test('shows who reacted with what, once each, until it is taken back', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    const { messageId } = await ada.say('good news');
    const react = (client: TestClient, clientId: string, emoji: string, on: boolean) =>
      client.call('chat.react', { room, clientId, messageId, emoji, on });
    await react(ada, '1', '👍', true);
    await react(bob, '1', '👍', true);
    await react(bob, '2', '👍', true);
    await react(bob, '3', '🎉', true);
    await react(ada, '2', '👍', false);
    const expected = [
      { emoji: '👍', identities: ['bob'] },
      { emoji: '🎉', identities: ['bob'] },
    ];
    const held = (await newest(bob)).find((record) => record.messageId === messageId);
    expect(held!.message!.reactions).toEqual(expected);
    const { records } = await bob.call('log.read', { room, threadId: messageId });
    expect(records[0]!.message!.reactions).toEqual(expected);
  });

  test('that changes nothing writes nothing, and is answered with what made it so', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    const said = await ada.say('good news');
    const { messageId } = said;
    const react = (client: TestClient, clientId: string, on: boolean) =>
      client.call('chat.react', { room, clientId, messageId, emoji: '👍', on });
    const known = async () => (await newest(bob)).length;
    const asBefore = await known();
    expect(await react(bob, '1', false)).toEqual({ ...said, duplicate: true });
    expect(await known()).toBe(asBefore);
    const on = await react(bob, '2', true);
    for (const clientId of ['2', '3', '4'])
      expect(await react(bob, clientId, true)).toEqual({ ...on, duplicate: true });
    expect(await known()).toBe(asBefore + 1);
    const off = await react(bob, '5', false);
    expect(off.duplicate).toBe(false);
    expect(await react(bob, '2', true)).toEqual({ ...on, duplicate: true });
    expect(await react(bob, '6', false)).toEqual({ ...off, duplicate: true });
    expect((await react(ada, '6', true)).duplicate).toBe(false);
    expect(await known()).toBe(asBefore + 3);
  });

  test('is what was asked for last, when it is asked for faster than it is stored', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const { messageId } = await ada.say('good news');
    const react = (clientId: string, on: boolean) =>
      ada.call('chat.react', { room, clientId, messageId, emoji: '👍', on });
    await Promise.all([react('1', true), react('2', false)]);
    const told = async () => (await newest(ada)).find((record) => record.messageId === messageId)?.message?.reactions;
    expect(await told()).toEqual([]);
    await Promise.all([react('3', true), react('4', false), react('5', true)]);
    expect(await told()).toEqual([{ emoji: '👍', identities: ['ada'] }]);
  });

  test('with a 21st emoji fails with TOO_MANY_REACTIONS', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const { messageId } = await ada.say('good news');
    const react = (index: number) => ({ room, clientId: `r${index}`, messageId, emoji: `:${index}:`, on: true });
    for (let index = 0; index < 20; index++) await ada.call('chat.react', react(index));
    const error = await ada.refusal('chat.react', react(20));
    expect([error.reason, error.details]).toEqual(['TOO_MANY_REACTIONS', { limit: 20, people: 100 }]);
  });

  test('with what a hundred people have reacted with fails with TOO_MANY_REACTIONS, which says how many may', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const { messageId } = await ada.say('good news');
    const reacted = { room, clientId: 'r', messageId, emoji: '👍', on: true };
    for (let index = 0; index < 100; index++) {
      await (await t.join({ identity: `person-${index}` })).call('chat.react', reacted);
    }
    const error = await ada.refusal('chat.react', reacted);
    expect(error.reason).toBe('TOO_MANY_REACTIONS');
    expect(error.message).toBe('A message can have 20 different reactions, each of at most 100 people.');
  });

  test('to what is not there fails with MESSAGE_NOT_FOUND', async () => {
    const ada = await startSignaling().join({ identity: 'ada' });
    const wanted = { room, clientId: 'r', messageId: 'm_none', emoji: '👍', on: true };
    expect((await ada.refusal('chat.react', wanted)).reason).toBe('MESSAGE_NOT_FOUND');
  });
});
