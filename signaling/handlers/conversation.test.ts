import { describe, expect, test } from 'vitest';
import { createMemoryRoomLog } from '../../cluster/memory/memory-room-log.ts';
import { type RoomLog, StoreError } from '../../cluster/room-log.ts';
import { startSignaling, type TestSignaling } from '../testing/start-signaling.ts';

const room = 'standup';
const advance = async (t: TestSignaling, byMs: number) => {
  t.clock.advance(byMs);
  await t.turns.end();
};

describe('chat.mark', () => {
  test('of a room that the caller is not in fails with NOT_IN_ROOM', async () => {
    const t = startSignaling();
    const ada = await t.connect({ identity: 'ada' });
    expect((await ada.refusal('chat.mark', { room, readSeq: 1 })).reason).toBe('NOT_IN_ROOM');
  });

  test('with a number that is not whole fails with BAD_REQUEST', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    for (const marked of [{ readSeq: 0.5 }, { deliveredSeq: 1.5 }]) {
      expect((await ada.refusal('chat.mark', { room, ...marked })).reason).toBe('BAD_REQUEST');
    }
  });

  test('counts what others wrote behind it, and what of it mentions the caller', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    await ada.say('one');
    await ada.say('two', { mentions: ['bob'] });
    const { messageId } = await ada.say('three');
    await ada.call('chat.delete', { room, clientId: 'd', messageId });
    const mark = async (request: object) => (await bob.call('chat.mark', { room, ...request })).unread;
    expect(await mark({ deliveredSeq: 3 })).toEqual({ deliveredSeq: 3, readSeq: 0, messages: 2, mentions: 1 });
    expect(await mark({ readSeq: 1 })).toEqual({ deliveredSeq: 3, readSeq: 1, messages: 1, mentions: 1 });
    expect(await mark({ readSeq: 2 })).toEqual({ deliveredSeq: 3, readSeq: 2, messages: 0, mentions: 0 });
  });

  test('never moves back, and never beyond what there is', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    for (const text of ['one', 'two', 'three']) await ada.say(text);
    const mark = async (request: object) => (await bob.call('chat.mark', { room, ...request })).unread;
    expect(await mark({ readSeq: 9_000_000_000_000_000 })).toMatchObject({ deliveredSeq: 3, readSeq: 3 });
    expect(await mark({ readSeq: 1, deliveredSeq: 2 })).toMatchObject({ deliveredSeq: 3, readSeq: 3, messages: 0 });
    await ada.say('four');
    expect(await mark({})).toMatchObject({ readSeq: 3, messages: 1 });
  });

  test('counts in the store what is not in memory any more', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    for (let index = 0; index < 140; index++) {
      await ada.say(String(index));
      t.clock.advance(1_000);
    }
    expect((await bob.call('chat.mark', { room, readSeq: 2 })).unread).toMatchObject({ readSeq: 2, messages: 138 });
  });

  test('is of the person: another device has it, and so has the one that joins next', async () => {
    const t = startSignaling();
    const [ada, phone, laptop] = [
      await t.join({ identity: 'ada' }),
      await t.join({ identity: 'bob' }),
      await t.join({ identity: 'bob' }),
    ];
    await ada.say('one');
    await phone.call('chat.mark', { room, readSeq: 1 });
    expect((await laptop.call('chat.mark', { room })).unread).toMatchObject({ readSeq: 1, messages: 0 });
    // At once, before it was written by itself.
    const third = await t.connect({ identity: 'bob' });
    expect((await third.call('room.join', { room })).unread).toMatchObject({ readSeq: 1, messages: 0 });
    await ada.say('two');
    await laptop.call('chat.mark', { room, readSeq: 2 });
    const again = t.open();
    const resumed = await again.connect(t.verifier.issue({ identity: 'bob' }), laptop);
    expect(resumed.rooms[0]?.unread).toMatchObject({ readSeq: 2, messages: 0 });
  });

  test('by writing: whoever sends a message has read what was before it', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    await ada.say('one');
    await bob.say('two');
    expect((await bob.call('chat.mark', { room })).unread).toMatchObject({ readSeq: 2, messages: 0 });
    expect((await ada.call('chat.mark', { room })).unread).toMatchObject({ readSeq: 1, messages: 1 });
    expect((await ada.call('chat.listMarkers', { room })).markers).toEqual([
      { identity: 'bob', deliveredSeq: 2, readSeq: 2 },
      { identity: 'ada', deliveredSeq: 1, readSeq: 1 },
    ]);
  });

  test('is told and stored once a second, together', async () => {
    const memory = createMemoryRoomLog();
    const stored: number[] = [];
    const roomLog: RoomLog = {
      ...memory,
      mark: (watermarks) => {
        stored.push(watermarks.length);
        return memory.mark(watermarks);
      },
    };
    const t = startSignaling({ roomLog });
    const [ada, bob, cy] = [
      await t.join({ identity: 'ada' }),
      await t.join({ identity: 'bob' }),
      await t.join({ identity: 'cy' }),
    ];
    for (const text of ['one', 'two', 'three']) await ada.say(text);
    for (const readSeq of [1, 2, 3]) await bob.call('chat.mark', { room, readSeq });
    await cy.call('chat.mark', { room, deliveredSeq: 2 });
    expect([stored, ada.link.of('markersChanged')]).toEqual([[], []]);
    await advance(t, 1_000);
    expect(stored).toEqual([3]);
    expect(ada.link.of('markersChanged')).toEqual([
      {
        room,
        markers: [
          { identity: 'bob', deliveredSeq: 3, readSeq: 3 },
          { identity: 'cy', deliveredSeq: 2, readSeq: 0 },
        ],
      },
    ]);
    await advance(t, 60_000);
    expect([stored, ada.link.of('markersChanged').length]).toEqual([[3], 1]);
  });

  test('is not told of because of a message: who hears of that knows it, and what is told anyway is not behind it', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    const { seq } = await ada.say('one');
    await advance(t, 5_000);
    expect(bob.link.of('markersChanged')).toEqual([]);
    const { markers } = await bob.call('chat.listMarkers', { room });
    expect(markers).toEqual([{ identity: 'ada', deliveredSeq: seq, readSeq: seq }]);
    await bob.say('two');
    await ada.call('chat.mark', { room, readSeq: seq + 1 });
    const third = await ada.say('three');
    await advance(t, 1_000);
    const marker = { identity: 'ada', deliveredSeq: third.seq, readSeq: third.seq };
    expect(bob.link.of('markersChanged')).toEqual([{ room, markers: [marker] }]);
  });

  test('is told to nobody in a room of more than a hundred peers, and can be asked for', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    for (let index = 0; index < 100; index++) await t.join({ identity: `reader-${index}` });
    await ada.say('one');
    await advance(t, 5_000);
    expect(ada.link.of('markersChanged')).toEqual([]);
    expect((await ada.call('chat.listMarkers', { room })).markers).toMatchObject([{ identity: 'ada', readSeq: 1 }]);
  });

  test('is kept while the store fails, and written when it is back', async () => {
    const memory = createMemoryRoomLog();
    let failing = true;
    const mark: RoomLog['mark'] = (watermarks) =>
      failing ? Promise.reject(new StoreError('full', 'full')) : memory.mark(watermarks);
    const t = startSignaling({ roomLog: { ...memory, mark } });
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    await ada.say('one');
    await bob.call('chat.mark', { room, readSeq: 1 });
    await advance(t, 5_000);
    failing = false;
    await advance(t, 1_000);
    expect(await memory.watermarksOf([{ room, identity: 'bob' }])).toMatchObject([{ delivered: 1, read: 1 }]);
  });
});

describe('chat.setTyping', () => {
  test('without the grant fails with GRANT_MISSING', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada', can: ['join'] });
    expect((await ada.refusal('chat.setTyping', { room, typing: true })).reason).toBe('GRANT_MISSING');
  });

  test('tells others, not the person’s own devices, and ends when it is not said again', async () => {
    const t = startSignaling();
    const [ada, own, bob] = [
      await t.join({ identity: 'ada', name: 'Ada' }),
      await t.join({ identity: 'ada' }),
      await t.join({ identity: 'bob' }),
    ];
    await ada.call('chat.setTyping', { room, typing: true });
    await advance(t, 3_000);
    await ada.call('chat.setTyping', { room, typing: true });
    await advance(t, 5_999);
    const typing = { room, identity: 'ada', name: 'Ada', typing: true };
    expect(bob.link.of('typingChanged')).toEqual([typing, typing]);
    await advance(t, 200);
    expect(bob.link.of('typingChanged').at(-1)).toEqual({ ...typing, typing: false });
    expect([...ada.link.of('typingChanged'), ...own.link.of('typingChanged')]).toEqual([]);
    expect((await t.roomLog.open([room]))[0]?.head.seq).toBe(0);
  });

  test('that is taken back at once is told to nobody', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    for (const typing of [true, false]) await ada.call('chat.setTyping', { room, typing });
    await advance(t, 60_000);
    expect(bob.link.of('typingChanged')).toEqual([]);
  });

  test('ends with the message, with a mute, and when the person leaves', async () => {
    const t = startSignaling();
    const mod = await t.join({ identity: 'mod', can: ['join', 'chat', 'moderate'] });
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    const ends = [
      () => ada.say('there'),
      () => mod.call('moderation.muteIdentity', { room, identity: 'ada', durationMs: 1_000 }),
      () => ada.call('room.leave', { room }),
    ];
    for (const end of ends) {
      await ada.call('chat.setTyping', { room, typing: true });
      await advance(t, 1_000);
      bob.link.take();
      await end();
      await advance(t, 1_000);
      expect(bob.link.of('typingChanged')).toMatchObject([{ identity: 'ada', typing: false }]);
    }
  });

  test('is told of twenty people at once at most', async () => {
    const t = startSignaling();
    const bob = await t.join({ identity: 'bob' });
    for (let index = 0; index < 25; index++) {
      const writer = await t.join({ identity: `writer-${index}` });
      await writer.call('chat.setTyping', { room, typing: true });
    }
    await advance(t, 1_000);
    expect(bob.link.of('typingChanged')).toHaveLength(20);
  });

  test('leaves no timer behind when the server closes', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    await ada.say('hi');
    await ada.call('chat.setTyping', { room, typing: true });
    t.signaling.close();
    await t.turns.end();
    expect(t.clock.pendingTimers).toBe(0);
  });
});
