import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { findFreePort } from '../../test/support/free-port.ts';
import { connectResponse, Refusal, silence, startScriptedServer } from '../test/scripted-server.ts';
import { createTestClient } from '../test/test-client.ts';
import { protobufCodec } from './codec/protobuf.ts';
import { type ClientEvents, ParleyError } from './index.ts';

function reasons(states: readonly ClientEvents['stateChanged'][]): (string | undefined)[] {
  return states.map(({ error }) => error?.reason);
}

describe.each([
  ['parley.v1.json', undefined],
  ['parley.v1.protobuf', protobufCodec],
])('over %s', (subprotocol, codec) => {
  const options = codec ? { codec } : {};

  it('connect() brings the token and what the client says of itself', async () => {
    await using server = await startScriptedServer();
    await using test = createTestClient({ server, ...options, name: 'page', version: '1.2' });
    await test.client.connect();
    const connection = await server.connected(0);
    expect(connection.socket.protocol).toBe(subprotocol);
    expect(connection.calls[0]?.params).toMatchObject({ token: 'token-0', client: { name: 'page', version: '1.2' } });
    expect(test.client.identity).toBe('ada');
    expect(test.states.map(({ state }) => state)).toEqual(['connecting', 'connected']);
  });

  it('connect() with a token that is refused fails with the reason and closes the client', async () => {
    await using server = await startScriptedServer({ 'session.connect': () => new Refusal('TOKEN_EXPIRED') });
    await using test = createTestClient({ server, ...options });
    await expect(test.client.connect()).rejects.toMatchObject({
      reason: 'TOKEN_EXPIRED',
      details: { why: 'scripted' },
    });
    expect(test.client.state).toBe('closed');
    expect(server.connections).toHaveLength(1);
  });

  it('a session that lost its connection is resumed with the newest secret', async () => {
    await using server = await startScriptedServer({
      'session.connect': ({ resume }, { index }) =>
        connectResponse({ resumeSecret: `secret-${index}`, resumed: resume !== undefined }),
    });
    await using test = createTestClient({ server, ...options });
    await test.client.connect();
    server.connections[0]?.kill();
    const resumeOf = async (index: number) => (await server.call(index, 'session.connect')).params['resume'];
    expect(await resumeOf(1)).toMatchObject({ sessionId: 's1', secret: 'secret-0' });
    await eventually(() => test.client.state === 'connected', 'the first return');
    server.connections[1]?.kill();
    expect(await resumeOf(2)).toMatchObject({ sessionId: 's1', secret: 'secret-1' });
  });

  it('a frame that cannot be read ends the connection, and the session comes back', async () => {
    await using server = await startScriptedServer();
    await using test = createTestClient({ server, ...options });
    await test.client.connect();
    server.connections[0]?.socket.send(codec ? new Uint8Array([0xff, 0xff, 0xff]) : '{"jsonrpc":');
    await server.connected(1);
    expect(reasons(test.states)).toContain('BAD_FRAME');
  });

  it('frames of the other kind are frames that cannot be read', async () => {
    await using server = await startScriptedServer();
    await using test = createTestClient({ server, ...options });
    await test.client.connect();
    server.connections[0]?.socket.send(codec ? '{}' : new Uint8Array([1, 2, 3]));
    await server.connected(1);
    expect(reasons(test.states)).toContain('BAD_FRAME');
  });

  it('answers that nobody waits for and events that nobody knows are dropped', async () => {
    await using server = await startScriptedServer();
    await using test = createTestClient({ server, ...options });
    await test.client.connect();
    const connection = await server.connected(0);
    connection.answer({ id: 4711, method: 'session.ping', params: {} }, { payload: '' });
    connection.answer({ id: 4712, method: 'session.ping', params: {} }, new Refusal('INTERNAL'));
    // Field 99 of ServerFrame, a string: from a contract of later.
    connection.socket.send(
      codec ? new Uint8Array([0x9a, 0x06, 0x01, 0x61]) : '{"jsonrpc":"2.0","method":"later","params":{}}',
    );
    expect(await test.client.ping()).toBeGreaterThanOrEqual(0);
    expect(server.connections).toHaveLength(1);
  });

  it('a call that is too large is refused here, and the connection stays', async () => {
    await using server = await startScriptedServer({
      'session.connect': () => connectResponse({ maxFrameBytes: 500 }),
      'room.join': () => silence,
    });
    await using test = createTestClient({ server, ...options });
    await test.client.connect();
    // 200 characters of three bytes each.
    await expect(test.client.join('€'.repeat(200))).rejects.toMatchObject({ reason: 'FRAME_TOO_LARGE' });
    expect(await test.client.ping()).toBeGreaterThanOrEqual(0);
    expect(server.connections[0]?.called('room.join')).toHaveLength(0);
  });
});

describe('reaching the server', () => {
  it('connect() waits for a server that is not there yet', async () => {
    const port = await findFreePort();
    await using test = createTestClient({ url: `ws://127.0.0.1:${port}/ws` });
    const connecting = test.client.connect();
    await eventually(() => test.states.filter(({ error }) => error).length >= 4, 'two refused tries');
    expect(test.states.at(-1)).toMatchObject({ state: 'connecting', error: { reason: 'UNREACHABLE' } });
    expect(test.states.some(({ retryInMs }) => retryInMs !== undefined)).toBe(true);
    await using _server = await startScriptedServer({}, { port });
    await connecting;
    expect(test.client.state).toBe('connected');
  });

  it('close() while connecting makes connect() fail with CLIENT_CLOSED', async () => {
    const port = await findFreePort();
    await using test = createTestClient({ url: `ws://127.0.0.1:${port}/ws` });
    const connecting = test.client.connect();
    await test.client.close();
    await expect(connecting).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
    expect(test.states.at(-1)).toEqual({ state: 'closed', error: undefined, retryInMs: undefined });
  });

  it('close() while session.connect is unanswered closes the connection, and nothing connects afterwards', async () => {
    await using server = await startScriptedServer({ 'session.connect': () => silence });
    await using test = createTestClient({ server });
    const connecting = test.client.connect();
    await eventually(() => server.connections[0]?.calls.length === 1, 'the call to be there');
    await test.client.close();
    await expect(connecting).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
    await eventually(() => server.connections[0]?.closed, 'the connection to be closed');
    expect(test.states.at(-1)?.state).toBe('closed');
  });

  it('a server that takes the connection and says nothing is given up and tried again', async () => {
    await using server = await startScriptedServer({
      'session.connect': (_params, { index }) => (index === 0 ? silence : connectResponse()),
    });
    await using test = createTestClient({ server, timing: { openTimeoutMs: 50 } });
    await test.client.connect();
    expect(server.connections.length).toBeGreaterThan(1);
    expect(reasons(test.states)).toContain('CALL_TIMEOUT');
  });

  it('a refusal that may pass is tried again after the time that the server asked for', async () => {
    await using server = await startScriptedServer({
      'session.connect': (_params, { index }) =>
        index === 0 ? new Refusal('TOO_MANY_CONNECTIONS', 40) : connectResponse(),
    });
    await using test = createTestClient({ server });
    await test.client.connect();
    expect(test.states.find(({ error }) => error)?.retryInMs).toBeGreaterThanOrEqual(40);
  });

  it('a refusal that does not pass closes the client', async () => {
    await using server = await startScriptedServer({ 'session.connect': () => new Refusal('ORIGIN_REFUSED') });
    await using test = createTestClient({ server });
    await expect(test.client.connect()).rejects.toMatchObject({ reason: 'ORIGIN_REFUSED' });
  });
});

describe('losing the connection', () => {
  it('calls that were open fail with CONNECTION_LOST, later ones with NOT_CONNECTED at once', async () => {
    await using server = await startScriptedServer({
      'session.connect': (_params, { index }) => (index === 0 ? connectResponse() : silence),
      'room.join': () => silence,
    });
    await using test = createTestClient({ server });
    await test.client.connect();
    const joining = test.client.join('standup');
    await server.call(0, 'room.join');
    server.connections[0]?.kill();
    await expect(joining).rejects.toMatchObject({ reason: 'CONNECTION_LOST' });
    expect(test.client.state).toBe('reconnecting');
    await expect(test.client.ping()).rejects.toMatchObject({ reason: 'NOT_CONNECTED' });
  });

  it('a connection that went silent is found out by its pings', async () => {
    await using server = await startScriptedServer({
      'session.connect': () => connectResponse({ pingIntervalMs: 20 }),
    });
    await using test = createTestClient({ server, timing: { pingTimeoutMs: 50 } });
    await test.client.connect();
    await server.call(0, 'session.ping');
    server.connections[0]?.freeze();
    await server.connected(1);
    expect(reasons(test.states)).toContain('CONNECTION_LOST');
  });

  it('a connection on which a call waits while nothing comes is found out before its pings are due', async () => {
    await using server = await startScriptedServer({ 'session.ping': () => silence, 'room.join': () => silence });
    await using test = createTestClient({ server, timing: { quietCallMs: 20, pingTimeoutMs: 50 } });
    await test.client.connect();
    await expect(test.client.join('standup')).rejects.toMatchObject({ reason: 'CONNECTION_LOST' });
    expect(server.connections[0]?.called('session.ping')).toHaveLength(1);
  });

  it('a call may wait for as long as it takes where pings are answered', async () => {
    await using server = await startScriptedServer({ 'room.join': () => silence });
    const timing = { quietCallMs: 10, pingTimeoutMs: 5_000, callTimeoutMs: 200 };
    await using test = createTestClient({ server, timing });
    await test.client.connect();
    await expect(test.client.join('standup')).rejects.toMatchObject({ reason: 'CALL_TIMEOUT' });
    expect(server.connections).toHaveLength(1);
  });

  it('a late answer to a ping does not matter as long as something comes', async () => {
    await using server = await startScriptedServer({
      'session.connect': () => connectResponse({ pingIntervalMs: 10 }),
      'session.ping': (_params, connection) => {
        connection.event('activeSpeakerChanged', { room: 'elsewhere', peerId: '' });
        return silence;
      },
    });
    await using test = createTestClient({ server, timing: { pingTimeoutMs: 30 } });
    await test.client.connect();
    await server.call(0, 'session.ping', 4);
    expect(server.connections).toHaveLength(1);
  });

  it('the answer of a call that timed out is dropped', async () => {
    await using server = await startScriptedServer({ 'room.join': () => silence });
    await using test = createTestClient({ server, timing: { callTimeoutMs: 30 } });
    await test.client.connect();
    await expect(test.client.join('standup')).rejects.toMatchObject({ reason: 'CALL_TIMEOUT' });
    const late = await server.call(0, 'room.join');
    server.connections[0]?.answer(late, { room: 'standup' });
    expect(await test.client.ping()).toBeGreaterThanOrEqual(0);
    expect(server.connections).toHaveLength(1);
  });

  it('more calls than may be open fail with TOO_MANY_CALLS and are not sent', async () => {
    await using server = await startScriptedServer({ 'session.ping': () => silence });
    await using test = createTestClient({ server, timing: { callTimeoutMs: 200 } });
    await test.client.connect();
    const pings = await Promise.allSettled(Array.from({ length: 60 }, () => test.client.ping()));
    const failed = pings.map((ping) => (ping.status === 'rejected' ? (ping.reason as ParleyError).reason : 'none'));
    expect(failed.filter((reason) => reason === 'TOO_MANY_CALLS')).toHaveLength(12);
    expect(server.connections[0]?.called('session.ping')).toHaveLength(48);
  });
});

describe('coming back', () => {
  it('a refused resume is followed by a fresh session with the same token', async () => {
    await using server = await startScriptedServer({
      'session.connect': ({ resume }) => (resume ? new Refusal('RESUME_REFUSED') : connectResponse()),
    });
    await using test = createTestClient({ server });
    await test.client.connect();
    server.connections[0]?.kill();
    const fresh = await server.call(2, 'session.connect');
    expect(fresh.params['resume']).toBeUndefined();
    expect(fresh.params['token']).toBe('token-0');
    await eventually(() => test.client.state === 'connected', 'the fresh session');
  });

  it('a token that is refused on return is replaced once before giving up', async () => {
    await using server = await startScriptedServer();
    await using test = createTestClient({ server });
    await test.client.connect();
    server.answers['session.connect'] = ({ token }) =>
      token === 'token-0' ? new Refusal('TOKEN_EXPIRED') : connectResponse({ resumed: true });
    server.connections[0]?.kill();
    const second = await server.call(2, 'session.connect');
    expect(second.params).toMatchObject({ token: 'token-1', resume: { sessionId: 's1' } });
    await eventually(() => test.client.state === 'connected', 'the return with the second token');
  });

  it('a fresh token that was kept from the server is still a fresh one', async () => {
    await using server = await startScriptedServer({
      'session.connect': (_params, { index }) => new Refusal(index === 0 ? 'TOO_MANY_CONNECTIONS' : 'TOKEN_MALFORMED'),
    });
    await using test = createTestClient({ server });
    await expect(test.client.connect()).rejects.toMatchObject({ reason: 'TOKEN_MALFORMED' });
    expect(server.connections.map(({ calls }) => calls[0]?.params['token'])).toEqual(['token-0', 'token-0']);
  });

  it('a second token that is refused too closes the client with the reason', async () => {
    await using server = await startScriptedServer();
    await using test = createTestClient({ server });
    await test.client.connect();
    server.answers['session.connect'] = () => new Refusal('TOKEN_KEY_UNKNOWN');
    server.connections[0]?.kill();
    await eventually(() => test.client.state === 'closed', 'giving up');
    expect(server.connections).toHaveLength(3);
    expect(test.states.at(-1)?.error?.reason).toBe('TOKEN_KEY_UNKNOWN');
  });

  it('an application that has no token now is asked again, one that says so with a ParleyError is not', async () => {
    await using server = await startScriptedServer();
    let asked = 0;
    await using patient = createTestClient({
      server,
      token: async () => {
        asked += 1;
        if (asked === 1) throw new TypeError('fetch failed');
        return 'token';
      },
    });
    await patient.client.connect();
    expect(reasons(patient.states)).toContain('TOKEN_UNAVAILABLE');
    await using signedOut = createTestClient({
      server,
      token: () => {
        throw new ParleyError('SIGNED_OUT', 'Sign in first.');
      },
    });
    await expect(signedOut.client.connect()).rejects.toMatchObject({ reason: 'SIGNED_OUT' });
  });

  it('a server that drains is left alone for the time that it asked for', async () => {
    await using server = await startScriptedServer();
    await using test = createTestClient({ server });
    await test.client.connect();
    const connection = await server.connected(0);
    connection.event('sessionClosing', { reason: 'SERVER_DRAINING', retryAfterMs: 60 });
    connection.close(4503, 'SERVER_DRAINING');
    await server.connected(1);
    const waited = test.states.find(({ retryInMs }) => retryInMs !== undefined);
    expect(waited).toMatchObject({ state: 'reconnecting', error: { reason: 'SERVER_DRAINING' } });
    expect(waited?.retryInMs).toBeGreaterThanOrEqual(60);
  });

  it('a session that ended for its token comes back with another one', async () => {
    await using server = await startScriptedServer();
    await using test = createTestClient({ server });
    await test.client.connect();
    const connection = await server.connected(0);
    connection.event('sessionClosing', { reason: 'TOKEN_EXPIRED' });
    connection.close(4401, 'TOKEN_EXPIRED');
    expect((await server.call(1, 'session.connect')).params['token']).toBe('token-1');
  });

  it('a session that was taken over is not taken back', async () => {
    await using server = await startScriptedServer();
    await using test = createTestClient({ server });
    await test.client.connect();
    (await server.connected(0)).close(4409, 'SESSION_TAKEN_OVER');
    expect((await server.call(1, 'session.connect')).params['resume']).toBeUndefined();
  });

  it('a server that takes and drops every connection is not asked in a tight loop', async () => {
    const gaps: number[] = [];
    await using server = await startScriptedServer({
      'session.connect': (_params, connection) => {
        setImmediate(() => connection.kill());
        return connectResponse();
      },
    });
    await using test = createTestClient({ server, timing: { reconnectBaseMs: 8, reconnectCapMs: 1_000 } });
    test.client.on('stateChanged', ({ retryInMs }) => {
      if (retryInMs !== undefined) gaps.push(retryInMs);
    });
    await test.client.connect();
    // Each wait is random up to its bound, which is 8 ms at first and doubles.
    await eventually(() => gaps.some((gapMs) => gapMs > 8), 'a longer wait');
    expect(gaps[0]).toBeLessThanOrEqual(8);
  });
});

describe('tokens', () => {
  it('a token that expires soon is replaced on the living session', async () => {
    await using server = await startScriptedServer();
    await using test = createTestClient({ server });
    await test.client.connect();
    (await server.connected(0)).event('tokenExpiring', { expiresAtMs: Date.now() + 1_000 });
    expect((await server.call(0, 'session.refresh')).params).toEqual({ token: 'token-1' });
    server.connections[0]?.kill();
    expect((await server.call(1, 'session.connect')).params['token']).toBe('token-1');
  });

  it('a warning that comes while a token is being taken is followed by another one', async () => {
    await using server = await startScriptedServer({
      'session.refresh': (_params, connection) => {
        if (connection.called('session.refresh').length < 3) connection.event('tokenExpiring', { expiresAtMs: 1 });
        return { expiresAtMs: 1 };
      },
    });
    await using test = createTestClient({ server });
    await test.client.connect();
    (await server.connected(0)).event('tokenExpiring', { expiresAtMs: 1 });
    expect((await server.call(0, 'session.refresh', 2)).params).toEqual({ token: 'token-3' });
    server.connections[0]?.kill();
    (await server.connected(1)).event('tokenExpiring', { expiresAtMs: 1 });
    expect((await server.call(1, 'session.refresh')).params).toEqual({ token: 'token-4' });
  });

  it('a refresh that fails is tried again', async () => {
    await using server = await startScriptedServer({
      'session.refresh': ({ token }) => (token === 'token-1' ? new Refusal('KEYS_UNAVAILABLE') : { expiresAtMs: 1 }),
    });
    await using test = createTestClient({ server });
    await test.client.connect();
    (await server.connected(0)).event('tokenExpiring', { expiresAtMs: Date.now() + 1_000 });
    expect((await server.call(0, 'session.refresh', 1)).params).toEqual({ token: 'token-2' });
  });
});
