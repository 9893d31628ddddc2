import { describe, expect, test } from 'vitest';
import { startSignaling } from '../testing/start-signaling.ts';

describe('session.connect', () => {
  test('without any token fails with TOKEN_MISSING', async () => {
    const error = await startSignaling().open().refusal('session.connect', {});
    expect([error.reason, error.code]).toEqual(['TOKEN_MISSING', 'UNAUTHENTICATED']);
  });

  test('with a token that the verifier refuses fails with its reason, and can be tried again', async () => {
    const t = startSignaling();
    const client = t.open();
    expect((await client.refusal('session.connect', { token: 'nonsense' })).reason).toBe('TOKEN_MALFORMED');
    const expired = t.verifier.issue({ identity: 'ada', ttlMs: -1 });
    expect((await client.refusal('session.connect', { token: expired })).reason).toBe('TOKEN_EXPIRED');
    expect(await client.connect(t.verifier.issue({ identity: 'ada' }))).toHaveProperty('identity', 'ada');
  });

  test('a second time fails with ALREADY_CONNECTED and changes nothing', async () => {
    const t = startSignaling();
    const client = await t.connect({ identity: 'ada' });
    const token = t.verifier.issue({ identity: 'bob' });
    expect((await client.refusal('session.connect', { token })).reason).toBe('ALREADY_CONNECTED');
    expect(t.signaling.stats().sessions).toEqual({ connected: 1, away: 0 });
    await client.call('session.ping', {});
  });

  test('while the token is being verified answers other calls with NOT_CONNECTED and a second one with ALREADY_CONNECTED', async () => {
    const t = startSignaling();
    const release = t.verifier.hold();
    const client = t.open();
    const answer = client.connect(t.verifier.issue({ identity: 'ada' }));
    expect((await client.refusal('session.ping', {})).reason).toBe('NOT_CONNECTED');
    expect((await client.refusal('session.connect', { token: 'x' })).reason).toBe('ALREADY_CONNECTED');
    release();
    await answer;
    await client.call('session.ping', {});
  });

  test('that does not come in time closes the connection with CONNECT_TIMEOUT', async () => {
    const t = startSignaling();
    const client = t.open();
    t.clock.advance(t.options.sessions.connectTimeoutMs - 1);
    expect(client.link.closedWith).toBeUndefined();
    t.clock.advance(1);
    expect(client.link.closedWith).toBe('CONNECT_TIMEOUT');
  });

  test('that is not verified in time closes the connection and leaves no session behind', async () => {
    const t = startSignaling();
    const release = t.verifier.hold();
    const client = t.open();
    const refusal = client.refusal('session.connect', { token: t.verifier.issue({ identity: 'ada' }) });
    t.clock.advance(t.options.sessions.connectTimeoutMs);
    expect(client.link.closedWith).toBe('CONNECT_TIMEOUT');
    expect((await refusal).reason).toBe('CALL_CANCELLED');
    release();
    await t.turns.end();
    expect(t.signaling.stats().sessions).toEqual({ connected: 0, away: 0 });
    expect(t.clock.pendingTimers).toBe(t.idleTimers);
  });

  test('of a client that is gone when its token is verified leaves no session behind', async () => {
    const t = startSignaling();
    const release = t.verifier.hold();
    const client = t.open();
    const refusal = client.refusal('session.connect', { token: t.verifier.issue({ identity: 'ada' }) });
    client.link.lose();
    release();
    expect((await refusal).reason).toBe('CALL_CANCELLED');
    await t.turns.end();
    expect(t.signaling.stats().sessions).toEqual({ connected: 0, away: 0 });
    expect(t.clock.pendingTimers).toBe(t.idleTimers);
  });

  test('in time leaves the connection alone afterwards', async () => {
    const t = startSignaling();
    const client = await t.connect({ identity: 'ada' });
    t.clock.advance(t.options.sessions.connectTimeoutMs * 2);
    expect(client.link.closedWith).toBeUndefined();
  });

  test('tells who the client is and what the server keeps to', async () => {
    const t = startSignaling();
    const client = await t.connect({ identity: 'ada', name: 'Ada Lovelace', ttlMs: 5000_000 });
    expect(client.session).toEqual({
      sessionId: expect.stringMatching(/^s_/),
      resumeSecret: expect.stringMatching(/^.{22}$/),
      resumed: false,
      identity: 'ada',
      name: 'Ada Lovelace',
      expiresAtMs: t.clock.nowMs() + 5000_000,
      pingIntervalMs: 25_000,
      resumeGraceMs: 30_000,
      maxFrameBytes: 65_536,
      serverVersion: '0.0.0-test',
      rooms: [],
    });
  });

  test('takes the token of the upgrade request, and its own before that', async () => {
    const t = startSignaling();
    const ada = t.verifier.issue({ identity: 'ada' });
    expect(await t.open(ada).call('session.connect', {})).toHaveProperty('identity', 'ada');
    const bob = t.verifier.issue({ identity: 'bob' });
    expect(await t.open(ada).call('session.connect', { token: bob })).toHaveProperty('identity', 'bob');
  });

  test('never lets a token or a secret reach the log', async () => {
    const t = startSignaling();
    const client = await t.join({ identity: 'ada' });
    await client.say('between us');
    await client.refusal('session.connect', { token: 'a-foreign-token' });
    client.link.lose();
    const log = JSON.stringify(t.log.lines);
    expect(log).toContain('session started');
    for (const secret of ['token-', 'a-foreign-token', 'between us', client.session!.resumeSecret]) {
      expect(log).not.toContain(secret);
    }
  });
});

describe('session.refresh', () => {
  test('with a token of somebody else fails with TOKEN_IDENTITY_CHANGED', async () => {
    const t = startSignaling();
    const client = await t.connect({ identity: 'ada' });
    const error = await client.refusal('session.refresh', { token: t.verifier.issue({ identity: 'bob' }) });
    expect([error.reason, error.code]).toEqual(['TOKEN_IDENTITY_CHANGED', 'PERMISSION_DENIED']);
  });

  test('with a token that is refused changes nothing', async () => {
    const t = startSignaling();
    const client = await t.connect({ identity: 'ada', ttlMs: 100_000 });
    expect((await client.refusal('session.refresh', { token: 'nonsense' })).reason).toBe('TOKEN_MALFORMED');
    t.clock.advance(100_000);
    expect(client.link.closedWith).toBe('TOKEN_EXPIRED');
  });

  test('puts the expiry off', async () => {
    const t = startSignaling();
    const client = await t.connect({ identity: 'ada', ttlMs: 100_000 });
    const token = t.verifier.issue({ identity: 'ada', ttlMs: 1_000_000 });
    expect(await client.call('session.refresh', { token })).toEqual({ expiresAtMs: t.clock.nowMs() + 1_000_000 });
    t.clock.advance(939_999);
    expect(client.link.take()).toEqual([]);
    t.clock.advance(1);
    expect(client.link.names()).toEqual(['tokenExpiring']);
  });

  test('of a connection that closed meanwhile changes nothing', async () => {
    const t = startSignaling();
    const client = await t.join({ identity: 'ada', ttlMs: 20_000 });
    const release = t.verifier.hold();
    const refusal = client.refusal('session.refresh', { token: t.verifier.issue({ identity: 'ada' }) });
    client.link.lose();
    release();
    expect((await refusal).reason).toBe('CALL_CANCELLED');
    t.clock.advance(20_000);
    expect(t.signaling.stats().sessions).toEqual({ connected: 0, away: 0 });
  });

  test('that loses join takes the peer out of the room and says so', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    ada.link.take();
    bob.link.take();
    await ada.call('session.refresh', { token: t.verifier.issue({ identity: 'ada', room: 'elsewhere' }) });
    await t.turns.end();
    expect(ada.link.take()).toEqual([
      {
        name: 'roomLeft',
        payload: {
          room: 'standup',
          reason: 'closed',
          explanation: 'The new token does not grant join in this room.',
        },
      },
    ]);
    expect(bob.link.of('peersLeft')[0]?.peers).toMatchObject([{ name: 'ada', reason: 'closed' }]);
    expect((await ada.refusal('chat.send', { room: 'standup', clientId: 'c', text: 'hi' })).reason).toBe('NOT_IN_ROOM');
  });

  test('that loses or gains a grant changes what the peer may do at once', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada', can: ['join'] });
    const send = { room: 'standup', clientId: 'c', text: 'hi' };
    expect((await ada.refusal('chat.send', send)).reason).toBe('GRANT_MISSING');
    await ada.call('session.refresh', { token: t.verifier.issue({ identity: 'ada', can: ['join', 'chat'] }) });
    await ada.call('chat.send', send);
    await ada.call('session.refresh', { token: t.verifier.issue({ identity: 'ada', can: ['join'] }) });
    expect((await ada.refusal('chat.send', send)).reason).toBe('GRANT_MISSING');
  });

  test('with another name tells the others', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    ada.link.take();
    bob.link.take();
    await ada.call('session.refresh', { token: t.verifier.issue({ identity: 'ada', name: 'Countess' }) });
    expect(bob.link.of('peerChanged')[0]?.peer).toMatchObject({ identity: 'ada', name: 'Countess', producers: [] });
    expect(ada.link.take()).toEqual([]);
  });
});

describe('session.ping', () => {
  test('with a payload that is too long fails with BAD_REQUEST', async () => {
    const client = await startSignaling().connect({ identity: 'ada' });
    expect((await client.refusal('session.ping', { payload: 'x'.repeat(1025) })).message).toBe(
      'payload must be at most 1024 bytes.',
    );
  });

  test('answers with the payload', async () => {
    const client = await startSignaling().connect({ identity: 'ada' });
    expect(await client.call('session.ping', { payload: 'x' })).toEqual({ payload: 'x' });
  });
});
