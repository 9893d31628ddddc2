import { describe, expect, test } from 'vitest';
import { startSignaling, type TestClient, type TestSignaling } from './testing/start-signaling.ts';

const room = 'standup';
const joinRefused = (client: TestClient) => client.refusal('room.join', { room });
const startRefused = (t: TestSignaling, identity: string) =>
  t.open().refusal('session.connect', { token: t.verifier.issue({ identity }) });

/** So that the order in which connections are lost is one of times. */
function lose(t: TestSignaling, client: TestClient): void {
  client.link.lose();
  t.clock.advance(1000);
}

async function peerIdsIn(client: TestClient): Promise<string[]> {
  const { peers } = await client.call('room.listPeers', { room, pageToken: '0' });
  return peers.map(({ peerId }) => peerId);
}

describe('peers of one identity in a room', () => {
  test('beyond the limit fail with TOO_MANY_PEERS_OF_IDENTITY, and others still come in', async () => {
    const t = startSignaling({ rooms: { maxPeersPerIdentity: 2 } });
    for (let count = 0; count < 2; count++) await t.join({ identity: 'ada' });
    const error = await joinRefused(await t.connect({ identity: 'ada' }));
    expect([error.reason, error.code]).toEqual(['TOO_MANY_PEERS_OF_IDENTITY', 'RESOURCE_EXHAUSTED']);
    expect(error.message).toBe('You are in the room standup 2 times, which is the limit.');
    await t.join({ identity: 'bob' });
    await t.join({ identity: 'ada' }, 'elsewhere');
  });

  test('beyond the limit take the place of the one that has been away longest', async () => {
    const t = startSignaling({ rooms: { maxPeersPerIdentity: 3 } });
    const bob = await t.join({ identity: 'bob' });
    const adas = [
      await t.join({ identity: 'ada' }),
      await t.join({ identity: 'ada' }),
      await t.join({ identity: 'ada' }),
    ];
    const [, second, third] = await peerIdsIn(bob);
    lose(t, adas[1]!);
    lose(t, adas[0]!);
    bob.link.take();
    await t.join({ identity: 'ada' });
    expect(bob.link.of('peersLeft')).toMatchObject([{ peers: [{ peerId: second, reason: 'lost' }] }]);
    expect(await peerIdsIn(bob)).toContain(third);
  });

  test('count for plain chat with a token too', async () => {
    const t = startSignaling({ rooms: { maxPeersPerIdentity: 1 } });
    const token = t.verifier.issue({ identity: 'ada' });
    await t.openPlainChat({ token });
    await expect(t.openPlainChat({ token })).rejects.toMatchObject({ reason: 'TOO_MANY_PEERS_OF_IDENTITY' });
  });

  test('that have left do not count', async () => {
    const t = startSignaling({ rooms: { maxPeersPerIdentity: 1 } });
    const ada = await t.join({ identity: 'ada' });
    for (let count = 0; count < 3; count++) {
      await ada.call('room.leave', { room });
      await ada.call('room.join', { room });
    }
    expect(t.signaling.stats().peers.client).toBe(1);
  });
});

describe('a full room', () => {
  test('has a place for whoever is away in it, and the session that lost it comes back without the room', async () => {
    const t = startSignaling({ rooms: { maxPeers: 2 } });
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    lose(t, ada);
    await t.join({ identity: 'ada' });
    expect(bob.link.of('peersLeft')).toMatchObject([{ peers: [{ name: 'ada', reason: 'lost' }] }]);
    const again = t.open();
    expect(await again.connect(t.verifier.issue({ identity: 'ada' }), ada)).toMatchObject({ resumed: true, rooms: [] });
  });

  test('has none for others while somebody is away', async () => {
    const t = startSignaling({ rooms: { maxPeers: 2 } });
    const [ada] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    lose(t, ada);
    expect((await joinRefused(await t.connect({ identity: 'cy' }))).reason).toBe('ROOM_FULL');
  });

  test('of one stays open when its only peer makes room', async () => {
    const t = startSignaling({ rooms: { maxPeers: 1, idleTimeoutMs: 0 } });
    const ada = await t.join({ identity: 'ada' });
    lose(t, ada);
    await t.join({ identity: 'ada' });
    t.clock.advance(1000);
    expect(t.signaling.stats().rooms).toBe(1);
    expect(t.media.room(room).closed).toBe(false);
  });
});

describe('sessions of one identity', () => {
  test('beyond the limit fail with TOO_MANY_SESSIONS, and others still connect', async () => {
    const t = startSignaling({ sessions: { maxPerIdentity: 2 } });
    const [first] = [await t.connect({ identity: 'ada' }), await t.connect({ identity: 'ada' })];
    const error = await startRefused(t, 'ada');
    expect([error.reason, error.message]).toEqual(['TOO_MANY_SESSIONS', 'You have 2 sessions, which is the limit.']);
    await t.connect({ identity: 'bob' });
    // Coming back is not one more.
    await t.open().connect(t.verifier.issue({ identity: 'ada' }), first);
    expect(t.signaling.stats().sessions).toEqual({ connected: 3, away: 0 });
  });

  test('beyond the limit end the one that has been away longest, and no session of anybody else', async () => {
    const t = startSignaling({ sessions: { maxPerIdentity: 2 } });
    const bob = await t.connect({ identity: 'bob' });
    const [first, second] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'ada' })];
    for (const client of [bob, second, first]) lose(t, client);
    await t.connect({ identity: 'ada' });
    const resume = (client: TestClient, identity: string) => t.open().connect(t.verifier.issue({ identity }), client);
    await expect(resume(second, 'ada')).rejects.toMatchObject({ reason: 'RESUME_REFUSED' });
    await resume(first, 'ada');
    await resume(bob, 'bob');
  });

  test('that ended do not count', async () => {
    const t = startSignaling({ sessions: { maxPerIdentity: 1, resumeGraceMs: 1000 } });
    for (let count = 0; count < 3; count++) lose(t, await t.connect({ identity: 'ada' }));
    await t.connect({ identity: 'ada' });
    expect(t.signaling.stats().sessions).toEqual({ connected: 1, away: 0 });
  });
});
