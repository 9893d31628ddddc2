import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { findFreePort } from '../../test/support/free-port.ts';
import { scriptedNode as node } from '../test/scripted-node.ts';
import {
  type Answers,
  connectResponse,
  Refusal,
  type ScriptedServer,
  startScriptedServer,
} from '../test/scripted-server.ts';
import { roomSnapshot } from '../test/snapshots.ts';
import { createTestClient } from '../test/test-client.ts';

const nodes = (...servers: readonly { readonly url: string }[]) => servers.map(({ url }) => url);

const sentTo = (url: string, room: string) => new Refusal('ROOM_ELSEWHERE', 0, 'FAILED_PRECONDITION', { room, url });
/** What a node answers for a room that it does not serve. */
const servedAt = (url: () => string): Answers => ({
  ...node,
  'room.join': ({ room }) => sentTo(url(), room),
});
const originOf = ({ url }: { readonly url: string }) => new URL(url.replace('ws', 'http')).origin;

describe('a room that another node serves', () => {
  it('is joined there: the client goes on with its session, and says how often it was sent on', async () => {
    await using second = await startScriptedServer(node);
    await using first = await startScriptedServer(servedAt(() => originOf(second)));
    await using test = createTestClient({ urls: [first.url] });
    await test.client.connect();
    const room = await test.client.join('standup');
    expect(room.peerId).toBe('peer in standup');
    expect(first.connections[0]?.called('room.join')).toMatchObject([{ params: { room: 'standup', hops: 0 } }]);
    const { params } = await second.call(0, 'session.connect');
    expect(params['resume']).toMatchObject({ sessionId: 's1', rooms: [] });
    expect(second.connections[0]?.called('room.join')).toMatchObject([{ params: { room: 'standup', hops: 1 } }]);
  });

  it('is asked for where the client was when that node does not answer, with what it was sent on', async () => {
    const nobody = `http://127.0.0.1:${await findFreePort()}`;
    await using first = await startScriptedServer({
      ...node,
      'room.join': ({ room, hops }) =>
        Number(hops) < 2 ? sentTo(nobody, room) : roomSnapshot({ room, peerId: 'here after all' }),
    });
    await using test = createTestClient({ urls: [first.url] });
    await test.client.connect();
    expect((await test.client.join('standup')).peerId).toBe('here after all');
    expect(first.connections).toHaveLength(3);
  });

  it('is given up when nodes send the client to and fro', async () => {
    await using first: ScriptedServer = await startScriptedServer(servedAt(() => originOf(second)));
    await using second: ScriptedServer = await startScriptedServer(servedAt(() => originOf(first)));
    await using test = createTestClient({ urls: [first.url] });
    await test.client.connect();
    await expect(test.client.join('standup')).rejects.toMatchObject({ reason: 'ROOM_ELSEWHERE' });
    expect([first.connections.length, second.connections.length]).toEqual([2, 2]);
    expect(test.client.state).toBe('connected');
  });

  it('takes joins of other rooms along that were under way', async () => {
    await using second = await startScriptedServer(node);
    await using first = await startScriptedServer({
      ...node,
      'room.join': ({ room }) => (room === 'slow' ? new Promise(() => {}) : sentTo(originOf(second), room)),
    });
    await using test = createTestClient({ urls: [first.url] });
    await test.client.connect();
    const rooms = await Promise.all(['slow', 'standup'].map((name) => test.client.join(name)));
    expect(rooms.map(({ peerId }) => peerId)).toEqual(['peer in slow', 'peer in standup']);
  });

  it('is followed by who comes back to a session that is lost', async () => {
    await using second = await startScriptedServer({
      ...node,
      'session.connect': () => connectResponse({ resumed: true, rooms: [] }),
    });
    let isHere = true;
    await using first = await startScriptedServer({
      'session.connect': () => connectResponse({ resumed: false }),
      'room.join': ({ room }) => (isHere ? roomSnapshot({ room, peerId: 'first' }) : sentTo(originOf(second), room)),
    });
    await using test = createTestClient({ urls: [first.url] });
    await test.client.connect();
    const room = await test.client.join('standup');
    isHere = false;
    first.connections[0]?.kill();
    await second.call(0, 'session.connect');
    await eventually(() => room.peerId === 'peer in standup', 'the room to go on there');
  });
});

describe('a client that knows several nodes', () => {
  it('connects to the first of them that answers', async () => {
    await using second = await startScriptedServer(node);
    const nobody = `ws://127.0.0.1:${await findFreePort()}/ws`;
    await using test = createTestClient({ urls: [nobody, second.url] });
    await test.client.connect();
    expect(test.states.map(({ error }) => error?.reason)).toContain('UNREACHABLE');
    expect(second.connections).toHaveLength(1);
  });

  it('comes back to its own node when only the connection was lost', async () => {
    await using first = await startScriptedServer(node);
    await using second = await startScriptedServer(node);
    await using test = createTestClient({ urls: nodes(first, second) });
    await test.client.connect();
    first.connections[0]?.kill();
    await first.connected(1);
    expect(second.connections).toHaveLength(0);
  });

  it('resumes its session on another one when its own is gone, and names its rooms and who it is there', async () => {
    await using second = await startScriptedServer(node);
    const first = await startScriptedServer(node);
    await using test = createTestClient({ urls: nodes(first, second) });
    await test.client.connect();
    const rooms = [await test.client.join('standup'), await test.client.join('lobby')];
    const left: string[] = [];
    for (const room of rooms) room.on('left', ({ reason }) => left.push(reason));
    await first[Symbol.asyncDispose]();
    const { params } = await second.call(0, 'session.connect');
    expect(params['resume']).toEqual({
      sessionId: 's1',
      secret: 'secret-0',
      rooms: [
        { room: 'standup', peerId: 'peer in standup' },
        { room: 'lobby', peerId: 'peer in lobby' },
      ],
    });
    await eventually(() => test.client.state === 'connected', 'the return');
    expect(rooms.map(({ peerId }) => peerId)).toEqual(['peer in standup', 'peer in lobby']);
    expect(second.connections[0]?.called('room.join')).toEqual([]);
    expect(left).toEqual([]);
  });

  it('joins again what the other node does not bring it back to', async () => {
    await using second = await startScriptedServer({
      ...node,
      'session.connect': ({ resume }) =>
        connectResponse({ resumed: resume !== undefined, rooms: [roomSnapshot({ peerId: 'peer in standup' })] }),
      'room.join': ({ room }) => roomSnapshot({ room, peerId: 'somebody new' }),
    });
    const first = await startScriptedServer(node);
    await using test = createTestClient({ urls: nodes(first, second) });
    await test.client.connect();
    const [standup, lobby] = [await test.client.join('standup'), await test.client.join('lobby')];
    await first[Symbol.asyncDispose]();
    await eventually(() => lobby.peerId === 'somebody new', 'the other room');
    expect(standup.peerId).toBe('peer in standup');
    expect(second.connections[0]?.called('room.join').map(({ params }) => params['room'])).toEqual(['lobby']);
  });

  it('names no more rooms than a resume may', async () => {
    await using server = await startScriptedServer(node);
    await using test = createTestClient({ server });
    await test.client.connect();
    for (let i = 0; i < 52; i += 1) await test.client.join(`room-${i}`);
    server.connections[0]?.kill();
    const { params } = await server.call(1, 'session.connect');
    expect((params['resume'] as { rooms: object[] }).rooms).toHaveLength(50);
    await server.call(1, 'room.join', 1);
  });

  it('goes on to the next one when a node stops, or cannot take it now', async () => {
    await using first = await startScriptedServer(node);
    await using second = await startScriptedServer({
      'session.connect': () => new Refusal('STORE_UNAVAILABLE', 5, 'UNAVAILABLE'),
    });
    await using third = await startScriptedServer(node);
    await using test = createTestClient({ urls: nodes(first, second, third) });
    await test.client.connect();
    const connection = await first.connected(0);
    connection.event('sessionClosing', { reason: 'SERVER_DRAINING', retryAfterMs: 5 });
    connection.close(4503, 'SERVER_DRAINING');
    const { params } = await third.call(0, 'session.connect');
    expect(params['resume']).toMatchObject({ sessionId: 's1', secret: 'secret-0' });
    expect(second.connections).toHaveLength(1);
    expect(first.connections).toHaveLength(1);
  });

  it('does not wait long for a node that takes connections and says nothing', async () => {
    const stopped = createServer(() => {});
    await new Promise<void>((resolve) => stopped.listen(0, '127.0.0.1', resolve));
    const { port } = stopped.address() as { port: number };
    await using second = await startScriptedServer(node);
    const timing = { probeTimeoutMs: 40, openTimeoutMs: 600_000 };
    await using test = createTestClient({ urls: [`ws://127.0.0.1:${port}/ws`, second.url], timing });
    await test.client.connect();
    expect(second.connections).toHaveLength(1);
    stopped.close();
  });

  it('is told of addresses that are none, of none at all, and of two ways to name them', () => {
    expect(() => createTestClient({ urls: [] })).toThrow(TypeError);
    expect(() => createTestClient({ urls: ['ws://a/ws', 'not a url'] })).toThrow(TypeError);
    expect(() => createTestClient({ urls: ['ws://a/ws'], url: 'ws://a/ws' })).toThrow('either');
  });
});

describe('the store of the server', () => {
  it('is told when it cannot keep what is sent, and when it can again', async () => {
    await using server = await startScriptedServer(node);
    await using test = createTestClient({ server });
    const told: string[] = [];
    test.client.on('storeChanged', (store) => told.push(store));
    await test.client.connect();
    expect(test.client.store).toBe('up');
    const connection = await server.connected(0);
    for (const state of ['down', 'down', 'up'] as const) connection.event('storeChanged', { state, sinceMs: 1 });
    await eventually(() => told.length === 2, 'two changes');
    expect(told).toEqual(['down', 'up']);
  });

  it('is known from the first answer, and the node that is reached next may know better', async () => {
    await using server = await startScriptedServer({
      'session.connect': (_params, { index }) => connectResponse({ store: index === 0 ? 'down' : 'up' }),
    });
    await using test = createTestClient({ server });
    await test.client.connect();
    expect(test.client.store).toBe('down');
    server.connections[0]?.kill();
    await eventually(() => test.client.store === 'up', 'the store');
  });
});
