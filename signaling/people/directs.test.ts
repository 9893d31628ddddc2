import { describe, expect, test } from 'vitest';
import { createMemoryRoomLog } from '../../cluster/memory/memory-room-log.ts';
import { type RoomLog, StoreError } from '../../cluster/room-log.ts';
import { logOf } from '../testing/log-of.ts';
import { memberGrants } from '../testing/memory-verifier.ts';
import { startSignaling, type TestClient } from '../testing/start-signaling.ts';
import { maxListBytes } from './direct-list.ts';
import { directRoomOf, inboxOf } from './room-names.ts';

const dm = directRoomOf('ada', 'bob');
const open = async (client: TestClient, identity: string) => (await client.call('chat.openDirect', { identity })).room;

describe('chat.openDirect', () => {
  test('with oneself, or without the grant chat in that room, is refused', async () => {
    const t = startSignaling();
    const ada = await t.connect({ identity: 'ada' });
    expect((await ada.refusal('chat.openDirect', { identity: 'ada' })).reason).toBe('BAD_REQUEST');
    const narrow = await t.connect({ identity: 'bob', room: 'standup' });
    expect((await narrow.refusal('chat.openDirect', { identity: 'ada' })).reason).toBe('GRANT_MISSING');
    expect(await t.roomLog.rooms('', 10)).toEqual([]);
  });

  test('leads both to the same room, which opens once and is told to all sessions of both', async () => {
    const t = startSignaling();
    const [ada, phone] = [await t.connect({ identity: 'ada' }), await t.connect({ identity: 'ada' })];
    const bob = await t.connect({ identity: 'bob', room: 'dm:*' });
    const cy = await t.connect({ identity: 'cy' });
    expect(await open(ada, 'bob')).toBe(dm);
    expect(dm).toMatch(/^dm:[A-Za-z0-9_-]{22}$/);
    expect(await open(bob, 'ada')).toBe(dm);
    for (const { link } of [ada, phone]) expect(link.of('directOpened')).toEqual([{ room: dm, identity: 'bob' }]);
    expect(bob.link.of('directOpened')).toEqual([{ room: dm, identity: 'ada' }]);
    expect(cy.link.of('directOpened')).toEqual([]);
    expect((await logOf(t, dm)).map(({ kind }) => kind)).toEqual(['opened']);
    for (const identity of ['ada', 'bob']) expect(await logOf(t, inboxOf(identity))).toHaveLength(1);
  });

  test('by both at the same time opens it once', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.connect({ identity: 'ada' }), await t.connect({ identity: 'bob' })];
    await Promise.all([open(ada, 'bob'), open(bob, 'ada')]);
    expect(await logOf(t, dm)).toHaveLength(1);
    for (const identity of ['ada', 'bob']) expect(await logOf(t, inboxOf(identity))).toHaveLength(1);
  });

  test('called again does what a failure of the store left undone', async () => {
    const memory = createMemoryRoomLog();
    let failing = true;
    const append: RoomLog['append'] = (records) =>
      failing && records.some(({ room }) => room === inboxOf('bob'))
        ? Promise.reject(new StoreError('full', 'full'))
        : memory.append(records);
    const t = startSignaling({ roomLog: { ...memory, append } });
    const [ada, bob] = [await t.connect({ identity: 'ada' }), await t.connect({ identity: 'bob' })];
    expect((await ada.refusal('chat.openDirect', { identity: 'bob' })).reason).toBe('STORE_UNAVAILABLE');
    failing = false;
    await open(ada, 'bob');
    for (const client of [ada, bob]) {
      expect((await client.call('chat.listDirects', {})).directs).toMatchObject([{ room: dm }]);
    }
    expect(await logOf(t, dm)).toHaveLength(1);
  });
});

describe('the room of two', () => {
  test('can be joined by the two alone, also by no moderator, and not before it was opened', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.connect({ identity: 'ada' }), await t.connect({ identity: 'bob' })];
    expect((await ada.refusal('room.join', { room: dm })).reason).toBe('ROOM_NOT_FOUND');
    await open(ada, 'bob');
    for (const client of [ada, bob]) await client.call('room.join', { room: dm });
    const cy = await t.connect({ identity: 'cy', can: [...memberGrants, 'moderate'] });
    const error = await cy.refusal('room.join', { room: dm });
    expect([error.reason, error.code]).toEqual(['NOT_A_PARTICIPANT', 'PERMISSION_DENIED']);
    await expect(t.openPlainChat({ room: dm })).rejects.toMatchObject({ reason: 'NOT_A_PARTICIPANT' });
  });

  test('is still of the two in the next process', async () => {
    const before = startSignaling();
    await open(await before.connect({ identity: 'ada' }), 'bob');
    const t = startSignaling({ roomLog: before.roomLog });
    await t.join({ identity: 'bob' }, dm);
    expect((await (await t.connect({ identity: 'cy' })).refusal('room.join', { room: dm })).reason).toBe(
      'NOT_A_PARTICIPANT',
    );
  });

  test('says nothing of coming and going', async () => {
    const t = startSignaling({ chat: { attendance: true } });
    const ada = await t.connect({ identity: 'ada' });
    await open(ada, 'bob');
    await ada.call('room.join', { room: dm });
    await t.turns.end();
    expect((await logOf(t, dm)).map(({ kind }) => kind)).toEqual(['opened']);
  });

  test('is not the inbox, which nobody can join', async () => {
    const t = startSignaling();
    const ada = await t.connect({ identity: 'ada', can: [...memberGrants, 'moderate'] });
    await open(ada, 'bob');
    expect((await ada.refusal('room.join', { room: inboxOf('ada') })).reason).toBe('BAD_REQUEST');
    await expect(t.openPlainChat({ room: inboxOf('ada') })).rejects.toMatchObject({ reason: 'BAD_REQUEST' });
  });
});

describe('chat.listDirects', () => {
  test('has those with the newest messages first, with what is unread of them', async () => {
    const t = startSignaling();
    const ada = await t.connect({ identity: 'ada' });
    expect((await ada.call('chat.listDirects', {})).directs).toEqual([]);
    for (const identity of ['bob', 'cy', 'dan']) {
      await open(ada, identity);
      t.clock.advance(1_000);
    }
    const bob = await t.join({ identity: 'bob' }, dm);
    const { messageId } = await bob.say('hello', { room: dm });
    const { directs } = await ada.call('chat.listDirects', {});
    expect(directs.map(({ identity }) => identity)).toEqual(['bob', 'dan', 'cy']);
    expect(directs[0]).toMatchObject({
      room: dm,
      head: { seq: 2, durability: 'memory' },
      unread: { readSeq: 0, messages: 1 },
      lastMessage: { messageId, identity: 'bob', message: { text: 'hello' } },
    });
    expect(directs[1]?.lastMessage).toBeUndefined();
    expect((await ada.call('chat.listDirects', { limit: 1 })).directs).toHaveLength(1);
    await ada.call('room.join', { room: dm });
    await ada.call('chat.mark', { room: dm, readSeq: 2 });
    expect((await ada.call('chat.listDirects', { limit: 1 })).directs[0]?.unread).toMatchObject({
      readSeq: 2,
      messages: 0,
    });
  });

  test('has no rooms that the token does not let join, and no messages without the grant history', async () => {
    const t = startSignaling();
    const ada = await t.connect({ identity: 'ada' });
    await open(ada, 'bob');
    await ada.call('room.join', { room: dm });
    await ada.say('secret', { room: dm });
    const narrow = await t.connect({ identity: 'bob', room: 'standup' });
    expect((await narrow.call('chat.listDirects', {})).directs).toEqual([]);
    const blind = await t.connect({ identity: 'bob', can: ['join', 'chat'] });
    const [direct] = (await blind.call('chat.listDirects', {})).directs;
    expect(direct).toMatchObject({ room: dm, unread: { messages: 0 } });
    expect(direct?.lastMessage).toBeUndefined();
  });

  test('has no rooms that the caller is banned from', async () => {
    const t = startSignaling();
    const ada = await t.connect({ identity: 'ada', can: [...memberGrants, 'moderate'] });
    const bob = await t.connect({ identity: 'bob' });
    await open(ada, 'bob');
    await ada.call('room.join', { room: dm });
    await ada.call('moderation.banIdentity', { room: dm, identity: 'bob' });
    expect((await bob.call('chat.listDirects', {})).directs).toEqual([]);
    expect((await ada.call('chat.listDirects', {})).directs).toHaveLength(1);
  });

  test('gives no place of its limit to rooms that the caller is banned from', async () => {
    const t = startSignaling();
    const ada = await t.connect({ identity: 'ada' });
    const others = ['bob', 'cy', 'dan', 'eve'];
    for (const identity of others) {
      await open(ada, identity);
      t.clock.advance(1_000);
    }
    for (const identity of ['eve', 'cy']) {
      const mod = await t.connect({ identity, can: [...memberGrants, 'moderate'] });
      const room = await open(mod, 'ada');
      await mod.call('room.join', { room });
      await mod.call('moderation.banIdentity', { room, identity: 'ada' });
    }
    const { directs } = await ada.call('chat.listDirects', { limit: 2 });
    expect(directs.map(({ identity }) => identity)).toEqual(['dan', 'bob']);
    expect((await ada.call('chat.listDirects', { limit: 1 })).directs.map(({ identity }) => identity)).toEqual(['dan']);
  });

  test('ends before it is larger than its bound, however much the last messages say', async () => {
    const t = startSignaling();
    const ada = await t.connect({ identity: 'ada' });
    const text = 'é'.repeat(8_000);
    for (let index = 0; index < 30; index++) {
      const room = await open(ada, `person-${index}`);
      await ada.call('room.join', { room });
      await ada.say(text, { room });
      await ada.call('room.leave', { room });
      t.clock.advance(1_000);
    }
    const { directs } = await ada.call('chat.listDirects', { limit: 50 });
    expect(directs[0]).toMatchObject({ identity: 'person-29', lastMessage: { message: { text } } });
    const bytes = Buffer.byteLength(JSON.stringify(directs));
    expect(bytes).toBeLessThanOrEqual(maxListBytes);
    // One more would have been too much.
    expect(bytes + bytes / directs.length + 1_024 * directs.length).toBeGreaterThan(maxListBytes);
  });
});
