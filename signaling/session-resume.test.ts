import { describe, expect, test } from 'vitest';
import { createMemoryRoomLog } from '../cluster/memory/memory-room-log.ts';
import { FakeClock } from '../core/fake-clock.ts';
import { silentLogger } from '../core/log.ts';
import { noCluster } from './cluster/cluster-link.ts';
import { DirectCalls } from './direct/direct-calls.ts';
import { Timelines } from './log/timelines.ts';
import { noRules } from './room-rules.ts';
import { Rooms } from './rooms.ts';
import { Sessions } from './sessions.ts';
import { MemoryMedia } from './testing/memory-media.ts';
import { RecordingLink } from './testing/recording-link.ts';
import { startSignaling, type TestClient, type TestSignaling } from './testing/start-signaling.ts';

/** Comes back to the session of another connection, on a new one. */
async function comeBack(t: TestSignaling, client: TestClient, identity = 'ada'): Promise<TestClient> {
  const again = t.open();
  await again.connect(t.verifier.issue({ identity }), client);
  return again;
}

function resumeOf(client: TestClient) {
  const { sessionId, resumeSecret } = client.session!;
  return { sessionId, secret: resumeSecret };
}

describe('session.connect with resume', () => {
  test('of a session that does not exist fails with RESUME_REFUSED', async () => {
    const t = startSignaling();
    const error = await t.open().refusal('session.connect', {
      token: t.verifier.issue({ identity: 'ada' }),
      resume: { sessionId: 's_none', secret: 'x' },
    });
    expect([error.reason, error.code]).toEqual(['RESUME_REFUSED', 'NOT_FOUND']);
  });

  test('with a wrong secret fails with RESUME_REFUSED and leaves the session alone', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const token = t.verifier.issue({ identity: 'ada' });
    const resume = { ...resumeOf(ada), secret: 'guessed' };
    expect((await t.open().refusal('session.connect', { token, resume })).reason).toBe('RESUME_REFUSED');
    expect(ada.link.closedWith).toBeUndefined();
    await comeBack(t, ada);
  });

  test('with the token of somebody else fails with RESUME_REFUSED, and the secret stays good', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const token = t.verifier.issue({ identity: 'eve' });
    const error = await t.open().refusal('session.connect', { token, resume: resumeOf(ada) });
    expect(error.reason).toBe('RESUME_REFUSED');
    await comeBack(t, ada);
  });

  test('without a token that holds fails, however good the secret is', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const resume = resumeOf(ada);
    expect((await t.open().refusal('session.connect', { resume })).reason).toBe('TOKEN_MISSING');
    expect((await t.open().refusal('session.connect', { token: 'nonsense', resume })).reason).toBe('TOKEN_MALFORMED');
  });

  test('with a secret that was used fails with RESUME_REFUSED once the next one arrived', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const again = await comeBack(t, ada);
    await again.call('session.ping', {});
    const token = t.verifier.issue({ identity: 'ada' });
    const error = await t.open().refusal('session.connect', { token, resume: resumeOf(ada) });
    expect(error.reason).toBe('RESUME_REFUSED');
  });

  test('with the same secret comes back when the answer before was lost', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    ada.link.lose();
    const lost = await comeBack(t, ada);
    lost.link.lose();
    expect((await comeBack(t, ada)).session).toMatchObject({ resumed: true, sessionId: ada.session!.sessionId });
  });

  test('that is refused can be followed by a connect without it, on the same connection', async () => {
    const t = startSignaling();
    const client = t.open();
    const token = t.verifier.issue({ identity: 'ada' });
    await client.refusal('session.connect', { token, resume: { sessionId: 's_none', secret: 'x' } });
    expect(await client.connect(token)).toMatchObject({ resumed: false });
  });

  test('after the grace period fails with RESUME_REFUSED', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    ada.link.lose();
    t.clock.advance(t.options.sessions.resumeGraceMs);
    const token = t.verifier.issue({ identity: 'ada' });
    const error = await t.open().refusal('session.connect', { token, resume: resumeOf(ada) });
    expect(error.reason).toBe('RESUME_REFUSED');
  });

  test('goes on with the same session, peer and producers', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    await t.join({ identity: 'bob' });
    const { transportId } = await ada.call('media.createTransport', { room: 'standup', direction: 'send' });
    const produced = { kind: 'audio', source: 'microphone' } as const;
    const rtpParameters = { codecs: [{ mimeType: 'audio/opus' }], encodings: [] };
    await ada.call('media.produce', { room: 'standup', transportId, ...produced, rtpParameters });
    const peerId = [...t.media.room('standup').producers.values()][0]!.peerId;
    ada.link.lose();
    const again = await comeBack(t, ada);
    expect(again.session).toMatchObject({
      resumed: true,
      sessionId: ada.session!.sessionId,
      rooms: [{ room: 'standup', peerId, peerCount: 2, ownProducers: [produced], peers: [{ identity: 'bob' }] }],
    });
    expect(again.session!.resumeSecret).not.toBe(ada.session!.resumeSecret);
    await again.call('media.pauseProducer', { room: 'standup', producerId: 'producer-2' });
  });

  test('closes the connection that the session is still on with SESSION_TAKEN_OVER, without anybody being away', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    bob.link.take();
    const again = await comeBack(t, ada);
    await t.turns.end();
    expect(ada.link.closedWith).toBe('SESSION_TAKEN_OVER');
    expect((await ada.refusal('session.ping', {})).reason).toBe('NOT_CONNECTED');
    expect(bob.link.take()).toEqual([]);
    await again.say('hi');
    expect(t.signaling.stats().sessions).toEqual({ connected: 2, away: 0 });
  });

  test('cancels the calls that were open on the connection before', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const release = t.media.room('standup').hold();
    const refusal = ada.refusal('media.createTransport', { room: 'standup', direction: 'send' });
    await t.turns.end();
    await comeBack(t, ada);
    expect((await refusal).reason).toBe('CALL_CANCELLED');
    release();
  });

  test('takes the grants of its token for the rooms that it is in', async () => {
    const t = startSignaling();
    const ada = await t.connect({ identity: 'ada' });
    await ada.call('room.join', { room: 'kept' });
    await ada.call('room.join', { room: 'gone' });
    ada.link.lose();
    const again = t.open();
    await again.connect(t.verifier.issue({ identity: 'ada', room: 'kept', can: ['join'] }), ada);
    await t.turns.end();
    expect(again.session!.rooms).toMatchObject([{ room: 'kept', grants: ['join'] }]);
    expect(again.link.names()).toEqual([]);
  });

  test('does not list a room that the peer was removed from while it was away', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const mod = await t.join({ identity: 'mod', can: ['join', 'moderate'] });
    ada.link.lose();
    const { peerId } = mod.link.of('peerChanged')[0]!.peer;
    await mod.call('moderation.removePeer', { room: 'standup', peerId });
    expect((await comeBack(t, ada)).session!.rooms).toEqual([]);
  });
});

describe('the log of a room, for a session that comes back', () => {
  test('goes on behind the head of the snapshot; what was missed is asked for with the cursor', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    await ada.say('seen');
    const seen = ada.link.records().at(-1)!;
    const { epoch } = ada.link.of('logRecords').at(-1)!;
    ada.link.lose();
    await bob.say('missed');
    const again = await comeBack(t, ada);
    await bob.say('live');
    const { log, unread } = again.session!.rooms[0]!;
    expect(again.link.messages().map(({ message }) => message.text)).toEqual(['live']);
    expect(again.link.records()[0]!.seq).toBe(log.seq + 1);
    expect(unread).toMatchObject({ messages: 1 });
    const cursor = { epoch, seq: seen.seq, messageId: seen.messageId };
    const { rooms } = await again.call('log.sync', { rooms: [{ room: 'standup', cursor }] });
    expect(rooms[0]!.records.map(({ message }) => message?.text)).toEqual(['missed', 'live']);
  });
});

describe('a session whose connection is lost', () => {
  test('is away, and is back when it is resumed: the others are told, it is not', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    bob.link.take();
    ada.link.lose();
    expect(bob.link.of('peerChanged')).toMatchObject([{ room: 'standup', peer: { identity: 'ada', away: true } }]);
    expect(t.signaling.stats().sessions).toEqual({ connected: 1, away: 1 });
    bob.link.take();
    const again = await comeBack(t, ada);
    await t.turns.end();
    expect(bob.link.of('peerChanged')).toMatchObject([{ peer: { identity: 'ada', away: false } }]);
    expect(again.link.names()).toEqual([]);
    t.clock.advance(t.options.sessions.resumeGraceMs * 2);
    await again.say('still here');
  });

  test('leaves its rooms as lost when the grace period is over', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    bob.link.take();
    ada.link.lose();
    t.clock.advance(t.options.sessions.resumeGraceMs - 1);
    await t.turns.end();
    expect(bob.link.of('peersLeft')).toEqual([]);
    t.clock.advance(1);
    await t.turns.end();
    expect(bob.link.of('peersLeft')).toMatchObject([{ peers: [{ name: 'ada', reason: 'lost' }], peerCount: 1 }]);
    expect(t.signaling.stats().sessions).toEqual({ connected: 1, away: 0 });
  });

  test('leaves at once where there is no grace period', async () => {
    const t = startSignaling({ sessions: { resumeGraceMs: 0 } });
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    bob.link.take();
    ada.link.lose();
    await t.turns.end();
    expect(bob.link.names()).toEqual(['peersLeft']);
  });
});

describe('nothing is lost or doubled around a resume', () => {
  test('an event that comes between the snapshot and its answer is sent behind the answer', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    ada.link.lose();
    const again = t.open();
    const order: string[] = [];
    const { send } = again.link;
    again.link.send = (event) => {
      order.push(event.name);
      send.call(again.link, event);
    };
    const answer = again.connect(t.verifier.issue({ identity: 'ada' }), ada).then(({ rooms }) => {
      order.push(`answer with ${rooms.length} room`);
    });
    // As soon as the session has its new connection, and before the answer has come out of its promises.
    while (t.signaling.stats().sessions.away > 0) await Promise.resolve();
    const saying = bob.say('hi');
    await answer;
    await saying;
    await t.turns.end();
    expect(order).toEqual(['answer with 1 room', 'logRecords']);
  });

  test('somebody who joins in the same turn is in the snapshot or in an event, not in both', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    ada.link.lose();
    const [before, after] = [await t.connect({ identity: 'before' }), await t.connect({ identity: 'after' })];
    await before.endpoint.call('room.join', { room: 'standup' });
    const again = await comeBack(t, ada);
    await after.endpoint.call('room.join', { room: 'standup' });
    await t.turns.end();
    expect(again.session!.rooms[0]!.peers.map((peer) => peer.identity)).toEqual(['before']);
    expect(again.link.of('peersJoined').flatMap(({ peers }) => peers.map((peer) => peer.identity))).toEqual(['after']);
  });
});

test('beyond the bound of sessions that are away, the one that has been away longest is lost', () => {
  const clock = new FakeClock();
  const shared = { clock, defer: queueMicrotask, log: silentLogger };
  const { options } = startSignaling();
  const timelines = new Timelines({ ...shared, roomLog: createMemoryRoomLog() });
  const direct = new DirectCalls(shared);
  const parts = {
    ...shared,
    timelines,
    direct,
    cluster: noCluster,
    rules: noRules,
    media: new MemoryMedia(),
    coalesceMs: 0,
  };
  const rooms = new Rooms({ ...parts, options: options.rooms });
  const sessions = new Sessions({ ...shared, rooms, options: options.sessions, maxAway: 2 });
  const start = (identity: string) => {
    const claims = { identity, name: identity, metadata: '', grants: [], expiresAtMs: clock.nowMs() + 3_600_000 };
    const connection = { link: new RecordingLink(), end: () => {} };
    return { claims, connection, session: sessions.start(claims, connection) };
  };
  const [first, second, third] = [start('first'), start('second'), start('third')];
  for (const { session } of [second, first, third]) session.lost();
  expect(sessions.awayCount).toBe(2);
  const resume = ({ session, claims, connection }: typeof first) =>
    sessions.resume({ sessionId: session.id, secret: session.secret.current, rooms: [] }, claims, connection);
  expect(() => resume(second)).toThrow('The session cannot be resumed');
  resume(first);
  resume(third);
  expect(sessions.connectedCount).toBe(2);
});
