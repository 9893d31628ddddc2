import { describe, expect, test } from 'vitest';
import { startSignaling, type TestClient } from './testing/start-signaling.ts';
import type { GrantName } from './token-verifier.ts';

const moderator: readonly GrantName[] = ['join', 'chat', 'moderate'];
const join = (client: TestClient, room: string) => client.call('room.join', { room });

describe('room.join', () => {
  test('without the grant fails with GRANT_MISSING and opens no room', async () => {
    const t = startSignaling();
    const client = await t.connect({ identity: 'ada', room: 'mine' });
    const error = await client.refusal('room.join', { room: 'yours' });
    expect([error.reason, error.message]).toEqual(['GRANT_MISSING', 'The token does not grant join in this room.']);
    expect(t.signaling.stats().rooms).toBe(0);
  });

  test('with options fails with GRANT_MISSING without moderate, even when the room exists', async () => {
    const t = startSignaling();
    const client = await t.connect({ identity: 'ada' });
    const request = { room: 'standup', options: { maxPeers: 2 } };
    expect((await client.refusal('room.join', request)).details).toEqual({ grant: 'moderate' });
    await t.join({ identity: 'bob' });
    expect((await client.refusal('room.join', request)).details).toEqual({ grant: 'moderate' });
    expect(await join(client, 'standup')).toMatchObject({ options: { maxPeers: 1000 } });
  });

  test('with more peers than the server allows fails with BAD_REQUEST', async () => {
    const t = startSignaling({ rooms: { maxPeers: 50 } });
    const client = await t.connect({ identity: 'mod', can: moderator });
    const error = await client.refusal('room.join', { room: 'standup', options: { maxPeers: 51 } });
    expect([error.reason, error.message]).toEqual(['BAD_REQUEST', 'options.maxPeers must be at most 50.']);
    expect(t.signaling.stats().rooms).toBe(0);
  });

  test('of a full room fails with ROOM_FULL', async () => {
    const t = startSignaling({ rooms: { maxPeers: 2 } });
    for (const identity of ['ada', 'bob']) await t.join({ identity });
    const client = await t.connect({ identity: 'cy' });
    const error = await client.refusal('room.join', { room: 'standup' });
    expect([error.reason, error.message]).toEqual(['ROOM_FULL', 'The room standup is full: it holds 2.']);
    expect(t.signaling.stats().peers.client).toBe(2);
  });

  test('counts a peer that is away as in the room', async () => {
    const t = startSignaling({ rooms: { maxPeers: 1 } });
    (await t.join({ identity: 'ada' })).link.lose();
    const client = await t.connect({ identity: 'bob' });
    expect((await client.refusal('room.join', { room: 'standup' })).reason).toBe('ROOM_FULL');
  });

  test('a second time fails with ALREADY_IN_ROOM', async () => {
    const t = startSignaling();
    const client = await t.join({ identity: 'ada' });
    expect((await client.refusal('room.join', { room: 'standup' })).reason).toBe('ALREADY_IN_ROOM');
    expect(t.signaling.stats().peers.client).toBe(1);
  });

  test('of more rooms than a session may be in fails with TOO_MANY_ROOMS_JOINED', async () => {
    const t = startSignaling({ sessions: { maxRooms: 2 } });
    const client = await t.connect({ identity: 'ada' });
    await join(client, 'a');
    await join(client, 'b');
    const error = await client.refusal('room.join', { room: 'c' });
    expect([error.reason, error.details]).toEqual(['TOO_MANY_ROOMS_JOINED', { limit: 2 }]);
    await client.call('room.leave', { room: 'a' });
    await join(client, 'c');
  });

  test('of one more room than the node holds fails with TOO_MANY_ROOMS while all are in use', async () => {
    const t = startSignaling({ rooms: { maxRooms: 2 } });
    await t.join({ identity: 'ada' }, 'a');
    await t.join({ identity: 'bob' }, 'b');
    const client = await t.connect({ identity: 'cy' });
    const error = await client.refusal('room.join', { room: 'c' });
    expect([error.reason, error.details]).toEqual(['TOO_MANY_ROOMS', { limit: 2 }]);
    await join(client, 'a');
  });

  test('of one more room than the node holds closes the room that has been empty longest', async () => {
    const t = startSignaling({ rooms: { maxRooms: 3 } });
    const client = await t.join({ identity: 'ada' }, 'kept');
    for (const room of ['first', 'second']) {
      await join(client, room);
      await client.call('room.leave', { room });
    }
    const [first, second] = [t.media.room('first'), t.media.room('second')];
    await join(client, 'third');
    expect([first.closed, second.closed]).toEqual([true, false]);
    expect(t.signaling.stats().rooms).toBe(3);
  });

  test('opens a room with the options of the first who joins; who comes later is told them', async () => {
    const t = startSignaling();
    const mod = await t.connect({ identity: 'mod', can: moderator });
    const options = { maxPeers: 3, idleTimeoutMs: 5_000 };
    expect(await mod.call('room.join', { room: 'standup', options })).toMatchObject({ options });
    const late = await t.connect({ identity: 'late', can: moderator });
    const wished = { room: 'standup', options: { maxPeers: 10 } };
    expect(await late.call('room.join', wished)).toMatchObject({ options });
  });

  test.each([
    ['never', [false, false]],
    ['anybody', [true, false]],
    ['always', [true, true]],
  ] as const)('where e2ee is %s, opens with the wish and without it as that says', async (e2ee, expected) => {
    const t = startSignaling({ rooms: { e2ee } });
    const client = await t.connect({ identity: 'ada' });
    const wished = await client.call('room.join', { room: 'wished', options: { e2ee: true } });
    const unasked = await join(client, 'unasked');
    expect([wished.options.e2ee, unasked.options.e2ee]).toEqual(expected);
  });

  test('where e2ee is moderators, opens encrypted rooms for them alone, and lets others demand what there is', async () => {
    const t = startSignaling({ rooms: { e2ee: 'moderators' } });
    const request = { room: 'secret', options: { e2ee: true } };
    const guest = await t.connect({ identity: 'guest' });
    expect((await guest.refusal('room.join', request)).details).toEqual({ grant: 'moderate' });
    const mod = await t.connect({ identity: 'mod', can: moderator });
    expect((await mod.call('room.join', request)).options.e2ee).toBe(true);
    expect((await guest.call('room.join', request)).options.e2ee).toBe(true);
  });

  test('with e2ee and another option needs moderate', async () => {
    const t = startSignaling();
    const guest = await t.connect({ identity: 'guest' });
    const request = { room: 'secret', options: { e2ee: true, maxPeers: 2 } };
    expect((await guest.refusal('room.join', request)).details).toEqual({ grant: 'moderate' });
  });

  test('answers with the room as it is', async () => {
    const t = startSignaling();
    await t.join({ identity: 'ada', name: 'Ada', metadata: '{"seat":1}' });
    const bob = await t.connect({ identity: 'bob', can: ['join', 'chat'] });
    expect(await join(bob, 'standup')).toEqual({
      room: 'standup',
      peerId: expect.stringMatching(/^p_/),
      options: { maxPeers: 1000, idleTimeoutMs: 60_000, direct: 'never', e2ee: false },
      grants: ['join', 'chat'],
      peerCount: 2,
      peers: [
        {
          peerId: expect.stringMatching(/^p_/),
          identity: 'ada',
          name: 'Ada',
          metadata: '{"seat":1}',
          kind: 'client',
          joinedAtMs: t.clock.nowMs(),
          away: false,
          producers: [],
        },
      ],
      nextPageToken: '',
      ownProducers: [],
      routerRtpCapabilities: t.media.rtpCapabilities,
      mediaEpoch: 1,
      activeSpeakerPeerId: '',
      speakerPeerIds: [],
      mediaMode: { mode: 'sfu', generation: 0, peerId: '', initiator: false, reason: '' },
      log: {
        epoch: expect.any(String),
        seq: expect.any(Number),
        messageId: expect.any(String),
        firstSeq: 1,
        durability: 'memory',
      },
      unread: { deliveredSeq: 0, readSeq: 0, messages: 0, mentions: 0 },
      settings: { slowModeMs: 0, retentionMs: 0, retentionRecords: 0 },
    });
  });

  test('gives one identity a peer for each of its sessions', async () => {
    const t = startSignaling();
    const [phone, laptop] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'ada' })];
    expect(phone.link.of('peersJoined')).toMatchObject([{ peers: [{ identity: 'ada' }], peerCount: 2 }]);
    expect(laptop.session!.sessionId).not.toBe(phone.session!.sessionId);
  });
});

describe('room.leave', () => {
  test('of a room that the session is not in fails with NOT_IN_ROOM', async () => {
    const t = startSignaling();
    const client = await t.join({ identity: 'ada' }, 'here');
    expect((await client.refusal('room.leave', { room: 'there' })).reason).toBe('NOT_IN_ROOM');
  });

  test('tells the others, and not who leaves', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    ada.link.take();
    bob.link.take();
    await ada.call('room.leave', { room: 'standup' });
    await t.turns.end();
    expect(ada.link.take()).toEqual([]);
    expect(bob.link.take()).toMatchObject([
      { name: 'peersLeft', payload: { room: 'standup', peers: [{ name: 'ada', reason: 'left' }], peerCount: 1 } },
    ]);
  });

  test('hears nothing of the room any more', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    await ada.call('room.leave', { room: 'standup' });
    ada.link.take();
    await bob.say('gone?');
    await t.turns.end();
    expect(ada.link.take()).toEqual([]);
  });
});

describe('a room with nobody in it', () => {
  test('closes when the idle time is over, with its media', async () => {
    const t = startSignaling();
    const client = await t.join({ identity: 'ada' });
    await client.call('room.leave', { room: 'standup' });
    t.clock.advance(t.options.rooms.idleTimeoutMs - 1);
    expect(t.media.room('standup').closed).toBe(false);
    t.clock.advance(1);
    expect(t.media.room('standup').closed).toBe(true);
    expect(t.signaling.stats().rooms).toBe(0);
    expect(t.log.lines.map(({ message }) => message)).toContain('room closed');
  });

  test('stays when somebody joins in time, and waits anew when it is empty again', async () => {
    const t = startSignaling();
    const client = await t.join({ identity: 'ada' });
    const { idleTimeoutMs } = t.options.rooms;
    await client.call('room.leave', { room: 'standup' });
    t.clock.advance(idleTimeoutMs - 1);
    await join(client, 'standup');
    t.clock.advance(idleTimeoutMs * 2);
    expect(t.media.room('standup').closed).toBe(false);
    await client.call('room.leave', { room: 'standup' });
    t.clock.advance(idleTimeoutMs - 1);
    expect(t.signaling.stats().rooms).toBe(1);
    t.clock.advance(1);
    expect(t.signaling.stats().rooms).toBe(0);
  });

  test('closes after the time that its options say', async () => {
    const t = startSignaling();
    const mod = await t.connect({ identity: 'mod', can: moderator });
    await mod.call('room.join', { room: 'standup', options: { idleTimeoutMs: 0 } });
    await mod.call('room.leave', { room: 'standup' });
    expect(t.signaling.stats().rooms).toBe(1);
    t.clock.advance(0);
    expect(t.signaling.stats().rooms).toBe(0);
  });
});

describe('room.listPeers', () => {
  test('with something else than a page token fails with BAD_REQUEST', async () => {
    const t = startSignaling();
    const client = await t.join({ identity: 'ada' });
    for (const pageToken of ['', 'x', '-1', '1.5']) {
      const error = await client.refusal('room.listPeers', { room: 'standup', pageToken });
      expect([error.reason, error.details['field']]).toEqual(['BAD_REQUEST', 'pageToken']);
    }
    const tooMany = { room: 'standup', pageToken: '0', pageSize: 501 };
    expect((await client.refusal('room.listPeers', tooMany)).message).toBe('pageSize must be from 0 to 500.');
    const far = { room: 'standup', pageToken: '9'.repeat(64) };
    expect(await client.call('room.listPeers', far)).toEqual({ peers: [], nextPageToken: '' });
  });

  test('goes on where the snapshot ended, to everybody once', async () => {
    const t = startSignaling();
    for (let index = 0; index < 250; index++) await t.join({ identity: `peer-${index}` });
    const client = await t.connect({ identity: 'ada' });
    const snapshot = await join(client, 'standup');
    expect(snapshot.peers).toHaveLength(100);
    expect(snapshot.peerCount).toBe(251);
    const seen = snapshot.peers.map((peer) => peer.identity);
    let pageToken = snapshot.nextPageToken;
    while (pageToken !== '') {
      const page = await client.call('room.listPeers', { room: 'standup', pageToken, pageSize: 60 });
      expect(page.peers.length).toBe(Math.min(60, 250 - seen.length));
      seen.push(...page.peers.map((peer) => peer.identity));
      pageToken = page.nextPageToken;
    }
    expect(seen).toEqual(Array.from({ length: 250 }, (_, index) => `peer-${index}`));
  });
});
