import { describe, expect, test } from 'vitest';
import { createMemoryRoomLog } from '../../cluster/memory/memory-room-log.ts';
import { logOf } from '../testing/log-of.ts';
import { defaultRoom, startSignaling, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';
import { maxGuestJoins } from './guest-joins.ts';
import { maxAttended } from './people-in-room.ts';

const room = defaultRoom;

const start = (wished: Parameters<typeof startSignaling>[0] = {}) =>
  startSignaling({ ...wished, chat: { attendance: true, ...wished.chat } });

async function told(t: TestSignaling, name: string = room): Promise<string[]> {
  await t.turns.end();
  await t.turns.end();
  return (await logOf(t, name)).map(({ kind, identity }) => `${kind} ${identity}`.trim());
}

const advance = async (t: TestSignaling, byMs: number) => {
  await t.turns.end();
  t.clock.advance(byMs);
  await t.turns.end();
};

async function produce(client: TestClient): Promise<string> {
  const { transportId } = await client.call('media.createTransport', { room, direction: 'send' });
  const rtpParameters = { codecs: [{ mimeType: 'audio/opus' }], encodings: [] };
  const track = { kind: 'audio', source: 'microphone', rtpParameters } as const;
  return (await client.call('media.produce', { room, transportId, ...track })).producerId;
}

describe('coming and going', () => {
  test('is of people: further connections of somebody write nothing', async () => {
    const t = start();
    const [first, second] = [
      await t.join({ identity: 'ada', name: 'Ada' }),
      await t.join({ identity: 'ada', name: 'Ada' }),
    ];
    await t.openPlainChat({ token: t.verifier.issue({ identity: 'bob' }) });
    expect(await told(t)).toEqual(['joined ada', 'joined bob']);
    expect((await logOf(t)).map(({ via, name }) => [via, name])).toEqual([
      ['client', 'Ada'],
      ['chat', 'bob'],
    ]);
    await first.call('room.leave', { room });
    await advance(t, 60_000);
    expect(await told(t)).toHaveLength(2);
    await second.call('room.leave', { room });
    await advance(t, t.options.chat.presenceGraceMs);
    expect(await told(t)).toEqual(['joined ada', 'joined bob', 'left ada']);
  });

  test('within the grace writes nothing: a reload is no leave', async () => {
    const t = start();
    const ada = await t.join({ identity: 'ada' });
    await ada.call('room.leave', { room });
    await advance(t, t.options.chat.presenceGraceMs - 1);
    await ada.call('room.join', { room });
    await advance(t, 60_000);
    expect(await told(t)).toEqual(['joined ada']);
  });

  test('within the grace writes nothing when the room closed meanwhile', async () => {
    const t = start({ rooms: { idleTimeoutMs: 0 } });
    const ada = await t.join({ identity: 'ada' });
    await ada.call('room.leave', { room });
    await advance(t, 1_000);
    expect(t.signaling.stats().rooms).toBe(0);
    await ada.call('room.join', { room });
    await advance(t, 60_000);
    expect(await told(t)).toEqual(['joined ada']);
    await ada.call('room.leave', { room });
    await advance(t, 60_000);
    expect(await told(t)).toEqual(['joined ada', 'left ada']);
  });

  test('by a connection that is lost is told once its session has ended and the grace is over', async () => {
    const t = start();
    const ada = await t.join({ identity: 'ada' });
    ada.link.lose();
    await advance(t, t.options.sessions.resumeGraceMs + t.options.chat.presenceGraceMs - 1);
    expect(await told(t)).toEqual(['joined ada']);
    await advance(t, 1);
    expect(await told(t)).toEqual(['joined ada', 'left ada']);
  });

  test('of more people than the bound is not told, and who was told of is told to have left', async () => {
    const t = start();
    const clients: TestClient[] = [];
    for (let index = 0; index <= maxAttended; index++) clients.push(await t.join({ identity: `person-${index}` }));
    await advance(t, 0);
    for (let turn = 0; turn < maxAttended; turn++) await t.turns.end();
    expect(await told(t)).toHaveLength(maxAttended);
    await clients.at(-1)?.call('room.leave', { room });
    await clients[0]?.call('room.leave', { room });
    await advance(t, 60_000);
    expect((await told(t)).slice(maxAttended)).toEqual(['left person-0']);
  });

  test('never fails a join when the store is full, and nothing goes wrong later', async () => {
    const t = start({ roomLog: createMemoryRoomLog({ maxSize: 1 }) });
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    await produce(ada);
    await bob.call('room.leave', { room });
    await advance(t, 60_000);
    await ada.call('room.leave', { room });
    for (let turn = 0; turn < 50; turn++) await advance(t, 60_000);
    expect(await told(t)).toEqual([]);
    expect(
      t.log.lines.filter(({ message }) => message === 'a record of the server was dropped').length,
    ).toBeGreaterThan(0);
    await bob.call('room.join', { room });
  });

  test('leaves no timer behind when the server closes', async () => {
    const t = start();
    const ada = await t.join({ identity: 'ada' });
    await t.join({ identity: 'bob' });
    await produce(ada);
    await ada.call('room.leave', { room });
    await t.turns.end();
    t.signaling.close();
    await t.turns.end();
    expect(t.clock.pendingTimers).toBe(0);
    expect(await told(t)).toEqual(['joined ada', 'joined bob', 'callStarted ada']);
  });
});

describe('guests that come and go', () => {
  const visit = async (t: TestSignaling, guests: number) => {
    for (let index = 0; index < guests; index++) {
      const guest = await t.openPlainChat({ user: `Guest ${index}` });
      guest.link.lose();
      await advance(t, 0);
    }
  };
  const counted = async (t: TestSignaling) => {
    // One is written after the other.
    for (let turn = 0; turn < 2 * maxGuestJoins; turn++) await t.turns.end();
    const records = await told(t);
    return (['joined', 'left'] as const).map(
      (kind) => records.filter((told) => told.startsWith(`${kind} guest:`)).length,
    );
  };

  test('are told of live, and in the log so many a minute; people with a token are not held up by them', async () => {
    const t = start();
    const ada = await t.join({ identity: 'ada' });
    await visit(t, 20);
    await t.join({ identity: 'bob' });
    await advance(t, t.options.chat.presenceGraceMs);
    expect(await counted(t)).toEqual([maxGuestJoins, maxGuestJoins]);
    expect(await told(t)).toContain('joined bob');
    expect(ada.link.of('peersJoined').flatMap(({ peers }) => peers)).toHaveLength(21);
    await advance(t, 60_000);
    await visit(t, 20);
    await advance(t, 60_000);
    expect(await counted(t)).toEqual([2 * maxGuestJoins, 2 * maxGuestJoins]);
  });

  test('are as few in the log when the room closes each time, and in the next process', async () => {
    const chat = { presenceGraceMs: 0 };
    const t = start({ chat, rooms: { idleTimeoutMs: 0 } });
    await visit(t, 20);
    expect(await counted(t)).toEqual([maxGuestJoins, maxGuestJoins]);
    const next = start({ chat, roomLog: t.roomLog });
    await visit(next, 20);
    expect(await counted(next)).toEqual([maxGuestJoins, maxGuestJoins]);
  });
});

describe('who was there when a process died', () => {
  test('and comes back writes nothing; who does not is told to have left', async () => {
    const before = start();
    for (const identity of ['ada', 'bob', 'cy']) await before.join({ identity });
    await before.openPlainChat({ token: before.verifier.issue({ identity: 'dan' }) });
    await told(before);
    const t = start({ roomLog: before.roomLog });
    await t.join({ identity: 'ada' });
    await t.join({ identity: 'bob' });
    expect(await told(t)).toEqual(['joined ada', 'joined bob', 'joined cy', 'joined dan']);
    await advance(t, 60_000);
    expect((await told(t)).slice(4)).toEqual(['left cy', 'left dan']);
    expect((await logOf(t)).at(-1)?.via).toBe('chat');
    await advance(t, 600_000);
    expect(await told(t)).toHaveLength(6);
  });
});

describe('a call', () => {
  test('starts with the first track and ends when there was none for the grace, with its duration', async () => {
    const t = start();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    await produce(ada);
    await produce(bob);
    await advance(t, 60_000);
    await ada.call('room.leave', { room });
    await bob.call('media.closeProducer', { room, producerId: t.media.room(room).producers.keys().next().value! });
    await advance(t, t.options.chat.callEndGraceMs);
    await told(t);
    const records = (await logOf(t)).filter(({ kind }) => kind.startsWith('call'));
    expect(records).toMatchObject([
      { kind: 'callStarted', identity: 'ada' },
      { kind: 'callEnded', identity: '', durationMs: 60_000 },
    ]);
    expect(await t.roomLog.open([room])).toMatchObject([{ facts: {} }]);
  });

  test('goes on when there is a track again within the grace, as after a reset of the media', async () => {
    const t = start();
    const ada = await t.join({ identity: 'ada' });
    await produce(ada);
    t.media.room(room).reset();
    await advance(t, t.options.chat.callEndGraceMs - 1);
    await produce(ada);
    await advance(t, 60_000);
    expect(await told(t)).toEqual(['joined ada', 'callStarted ada']);
  });

  test('that a dead process left open is ended once, when somebody is there again', async () => {
    const before = start();
    const ada = await before.join({ identity: 'ada' });
    await produce(ada);
    await advance(before, 0);
    before.clock.advance(20_000);
    await ada.say('still here');
    const t = start({ roomLog: before.roomLog });
    await t.join({ identity: 'bob' });
    const records = await told(t);
    expect(records.slice(2)).toEqual(['message ada', 'callEnded', 'joined bob']);
    expect((await logOf(t)).find(({ kind }) => kind === 'callEnded')?.durationMs).toBe(20_000);
    await t.join({ identity: 'cy' });
    expect(await told(t)).toHaveLength(records.length + 1);
  });
});
