import { describe, expect, test } from 'vitest';
import { createMemoryRoomLog } from '../../cluster/memory/memory-room-log.ts';
import { logOf } from '../testing/log-of.ts';
import { startSignaling, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';
import type { GrantName } from '../token-verifier.ts';

const room = 'standup';
const moderatorGrants: readonly GrantName[] = ['join', 'chat', 'history', 'moderate'];
const joinModerator = (t: TestSignaling, identity = 'mod') => t.join({ identity, can: moderatorGrants });
const send = (clientId: string, text = 'hi') => ({ room, clientId, text });
const kindsIn = async (t: TestSignaling) => (await logOf(t)).map(({ kind, subject }) => [kind, subject]);

async function joinRefusal(t: TestSignaling, identity: string): Promise<string> {
  return (await (await t.connect({ identity })).refusal('room.join', { room })).reason;
}

describe('a ban', () => {
  test('without the grant, or of oneself, is refused', async () => {
    const t = startSignaling();
    const [mod, ada] = [await joinModerator(t), await t.join({ identity: 'ada' })];
    expect((await ada.refusal('moderation.banIdentity', { room, identity: 'mod' })).reason).toBe('GRANT_MISSING');
    expect((await mod.refusal('moderation.banIdentity', { room, identity: 'mod' })).reason).toBe('CANNOT_REMOVE_SELF');
    expect((await mod.refusal('moderation.banIdentity', { room, identity: 'ada', durationMs: -1 })).reason).toBe(
      'BAD_REQUEST',
    );
    expect(await logOf(t)).toEqual([]);
  });

  test('outlives the process', async () => {
    const before = startSignaling();
    const mod = await joinModerator(before);
    await mod.call('moderation.banIdentity', { room, identity: 'eve' });
    before.signaling.close();
    const t = startSignaling({ roomLog: before.roomLog });
    expect(await joinRefusal(t, 'eve')).toBe('IDENTITY_REMOVED');
    await expect(t.openPlainChat({ token: t.verifier.issue({ identity: 'eve' }) })).rejects.toMatchObject({
      reason: 'IDENTITY_REMOVED',
    });
    await (await joinModerator(t)).call('moderation.allowIdentity', { room, identity: 'eve' });
    await t.join({ identity: 'eve' });
    expect(await kindsIn(t)).toEqual([
      ['banned', 'eve'],
      ['unbanned', 'eve'],
    ]);
  });

  test('of somebody who is not there takes nobody out, and ends by itself at its time', async () => {
    const t = startSignaling();
    const mod = await joinModerator(t);
    await mod.call('moderation.banIdentity', { room, identity: 'eve', durationMs: 1_000 });
    const untilMs = t.clock.nowMs() + 1_000;
    expect(await mod.call('moderation.listRemoved', { room })).toEqual({
      identities: ['eve'],
      restrictions: [{ identity: 'eve', kind: 'banned', untilMs }],
    });
    expect(await logOf(t)).toMatchObject([{ kind: 'banned', identity: 'mod', subject: 'eve', untilMs }]);
    t.clock.advance(999);
    expect(await joinRefusal(t, 'eve')).toBe('IDENTITY_REMOVED');
    t.clock.advance(1);
    expect(await mod.call('moderation.listRemoved', { room })).toEqual({ identities: [], restrictions: [] });
    expect(await mod.call('moderation.allowIdentity', { room, identity: 'eve' })).toEqual({ wasRemoved: false });
    await t.join({ identity: 'eve' });
  });

  test('laid on again with the same end writes nothing, with another end it replaces the first', async () => {
    const t = startSignaling();
    const mod = await joinModerator(t);
    for (const durationMs of [0, 0, 5_000]) {
      await mod.call('moderation.banIdentity', { room, identity: 'eve', durationMs });
    }
    expect(await kindsIn(t)).toHaveLength(2);
    t.clock.advance(5_000);
    await t.join({ identity: 'eve' });
  });

  test('beyond the bound of a room forgets the one that was laid on longest ago, and those that are over first', async () => {
    const t = startSignaling({ rooms: { maxRemovedIdentities: 2 } });
    const mod = await joinModerator(t);
    const ban = async (identity: string, durationMs = 0) => {
      await mod.call('moderation.banIdentity', { room, identity, durationMs });
      t.clock.advance(1);
    };
    await ban('a');
    await ban('brief', 1);
    await ban('b');
    expect((await mod.call('moderation.listRemoved', { room })).identities).toEqual(['a', 'b']);
    await ban('c');
    expect((await mod.call('moderation.listRemoved', { room })).identities).toEqual(['b', 'c']);
    const [memory] = await t.roomLog.open([room]);
    expect(Object.keys(memory?.facts ?? {}).sort()).toEqual(['ban:b', 'ban:c']);
  });

  test('that cannot be stored takes the peers out all the same, and says so', async () => {
    const t = startSignaling({ roomLog: createMemoryRoomLog({ maxSize: 1 }) });
    const [mod, eve] = [await joinModerator(t), await t.join({ identity: 'eve' })];
    const error = await mod.refusal('moderation.banIdentity', { room, identity: 'eve', explanation: 'Out.' });
    expect(error.reason).toBe('STORE_UNAVAILABLE');
    expect(eve.link.of('roomLeft')).toMatchObject([{ reason: 'removed', explanation: 'Out.' }]);
  });
});

describe('a mute of writing', () => {
  const mute = (mod: TestClient, identity: string, durationMs?: number) =>
    mod.call('moderation.muteIdentity', { room, identity, ...(durationMs !== undefined && { durationMs }) });

  test('lets somebody read, but not write, edit, react or say that it writes, until its time', async () => {
    const t = startSignaling();
    const [mod, eve] = [await joinModerator(t), await t.join({ identity: 'eve' })];
    const { messageId } = await eve.call('chat.send', send('first'));
    await mute(mod, 'eve', 10_000);
    const error = await eve.refusal('chat.send', send('second'));
    expect([error.reason, error.retryAfterMs]).toEqual(['MUTED', 10_000]);
    for (const [method, more] of [
      ['chat.edit', { clientId: 'e', text: 'x' }],
      ['chat.react', { clientId: 'r', emoji: '!', on: true }],
    ] as const) {
      expect((await eve.refusal(method, { room, messageId, ...more })).reason).toBe('MUTED');
    }
    expect((await eve.refusal('chat.setTyping', { room, typing: true })).reason).toBe('MUTED');
    await eve.call('chat.delete', { room, clientId: 'd', messageId });
    t.clock.advance(10_000);
    await eve.call('chat.send', send('second'));
  });

  test('without an end has no time to try again, is in the snapshot, and outlives the process', async () => {
    const before = startSignaling();
    await mute(await joinModerator(before), 'eve');
    const t = startSignaling({ roomLog: before.roomLog });
    const eve = await t.connect({ identity: 'eve' });
    expect((await eve.call('room.join', { room })).mutedUntilMs).toBe(8_640_000_000_000_000);
    const error = await eve.refusal('chat.send', send('first'));
    expect([error.reason, error.retryAfterMs]).toEqual(['MUTED', undefined]);
    const mod = await joinModerator(t);
    expect((await mod.call('moderation.listRemoved', { room })).restrictions).toEqual([
      { identity: 'eve', kind: 'muted' },
    ]);
    await mute(mod, 'eve', 0);
    await eve.call('chat.send', send('first'));
    expect((await kindsIn(t)).map(([kind]) => kind)).toEqual(['muted', 'unmuted', 'message']);
  });

  test('answers the retry of a message that was taken before it', async () => {
    const t = startSignaling();
    const [mod, eve] = [await joinModerator(t), await t.join({ identity: 'eve' })];
    const first = await eve.call('chat.send', send('first'));
    await mute(mod, 'eve');
    expect(await eve.call('chat.send', send('first'))).toEqual({ ...first, duplicate: true });
  });

  test('may be of another moderator, and is lifted by nobody for itself', async () => {
    const t = startSignaling();
    const [mod, rogue] = [await joinModerator(t), await joinModerator(t, 'rogue')];
    await mute(mod, 'rogue');
    expect((await rogue.refusal('chat.send', send('first'))).reason).toBe('MUTED');
    const error = await rogue.refusal('moderation.muteIdentity', { room, identity: 'rogue', durationMs: 0 });
    expect(error.reason).toBe('CANNOT_MUTE_SELF');
  });
});

describe('slow mode', () => {
  const withSlowMode = async (t: TestSignaling, slowModeMs: number) => {
    const mod = await joinModerator(t);
    await mod.call('moderation.configureRoom', { room, settings: { slowModeMs } });
    return mod;
  };

  test('lets each person write once in its time, whichever peer it writes with; moderators as they like', async () => {
    const t = startSignaling();
    const mod = await withSlowMode(t, 5_000);
    const [first, second] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'ada' })];
    const bob = await t.join({ identity: 'bob' });
    await first.call('chat.send', send('1'));
    t.clock.advance(2_000);
    const error = await second.refusal('chat.send', send('2'));
    expect([error.reason, error.retryAfterMs]).toEqual(['SLOW_MODE', 3_000]);
    await bob.call('chat.send', send('1'));
    for (const clientId of ['1', '2']) await mod.call('chat.send', send(clientId));
    t.clock.advance(3_000);
    await second.call('chat.send', send('2'));
  });

  test('answers a retry, whether the first try was taken or not', async () => {
    const t = startSignaling();
    await withSlowMode(t, 5_000);
    const ada = await t.join({ identity: 'ada' });
    const first = await ada.call('chat.send', send('1'));
    expect(await ada.call('chat.send', send('1'))).toEqual({ ...first, duplicate: true });
    expect((await ada.refusal('chat.send', send('2'))).reason).toBe('SLOW_MODE');
  });

  test('goes on when the room closes, and in the next process', async () => {
    const t = startSignaling({ rooms: { idleTimeoutMs: 0 } });
    const mod = await withSlowMode(t, 60_000);
    const ada = await t.join({ identity: 'ada' });
    await ada.call('chat.send', send('1'));
    for (const client of [ada, mod]) await client.call('room.leave', { room });
    t.clock.advance(1_000);
    expect(t.signaling.stats().rooms).toBe(0);
    await ada.call('room.join', { room });
    const error = await ada.refusal('chat.send', send('2'));
    expect([error.reason, error.retryAfterMs]).toEqual(['SLOW_MODE', 59_000]);

    const next = startSignaling({ roomLog: t.roomLog });
    const again = await next.join({ identity: 'ada' });
    expect((await again.call('chat.send', send('1'))).duplicate).toBe(true);
    expect((await again.refusal('chat.send', send('2'))).reason).toBe('SLOW_MODE');
    await (await next.join({ identity: 'bob' })).call('chat.send', send('1'));
    next.clock.advance(60_000);
    await again.call('chat.send', send('2'));
  });

  test('takes the guests of one address for one person, who may come back as often as they like', async () => {
    const t = startSignaling({ rooms: { idleTimeoutMs: 0 } });
    const mod = await withSlowMode(t, 60_000);
    const say = async (address: string, clientId = '') => {
      const guest = await t.openPlainChat({ address });
      await guest.send({ type: 'message', content: 'hi', clientId }).finally(() => guest.link.lose());
    };
    const refused = { reason: 'SLOW_MODE' };
    await say('192.0.2.7', 'x');
    await expect(say('192.0.2.7')).rejects.toMatchObject(refused);
    // Another guest's retry is none.
    await expect(say('192.0.2.7', 'x')).rejects.toMatchObject(refused);
    await say('2001:db8::1');
    await expect(say('2001:db8::2')).rejects.toMatchObject(refused);
    await mod.call('room.leave', { room });
    t.clock.advance(1_000);
    expect(t.signaling.stats().rooms).toBe(0);
    await expect(say('192.0.2.7')).rejects.toMatchObject(refused);
    t.clock.advance(59_000);
    await say('192.0.2.7');
  });

  test('is a setting of the room that everybody is told of, and that the next process has', async () => {
    const before = startSignaling();
    const ada = await before.join({ identity: 'ada' });
    const mod = await withSlowMode(before, 5_000);
    await mod.call('moderation.configureRoom', { room, settings: { slowModeMs: 5_000 } });
    const settings = { slowModeMs: 5_000, retentionMs: 0, retentionRecords: 0 };
    expect(ada.link.of('logRecords')).toMatchObject([{ records: [{ kind: 'configured', identity: 'mod', settings }] }]);
    const t = startSignaling({ roomLog: before.roomLog });
    const bob = await t.connect({ identity: 'bob' });
    expect((await bob.call('room.join', { room })).settings).toEqual(settings);
  });
});
