import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { scriptedNode as node } from '../test/scripted-node.ts';
import { Refusal, type ScriptedServer, startScriptedServer } from '../test/scripted-server.ts';
import { createTestClient } from '../test/test-client.ts';
import type { Client } from './index.ts';

/** Its calls go there. */
const hasMoved = (client: Client, server: ScriptedServer) =>
  eventually(async () => {
    await client.ping().catch(() => {});
    return (server.connections[0]?.called('session.ping').length ?? 0) > 0;
  }, 'calls to go to the other node');

/** In a room on the first node. */
async function startOn(first: ScriptedServer, ...others: readonly { readonly url: string }[]) {
  const test = createTestClient({ urls: [first, ...others].map(({ url }) => url) });
  await test.client.connect();
  const room = await test.client.join('standup');
  const connection = await first.connected(0);
  const ask = (url = '', deadlineMs = 10_000) =>
    connection.event('moveRequested', { url, retryAfterMs: 5, deadlineMs });
  const told: string[] = [];
  room.on('left', ({ reason }) => told.push(reason));
  return {
    ...test,
    client: test.client,
    room,
    connection,
    ask,
    told,
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  };
}

describe('a client that is asked to go to another node', () => {
  it.each([
    ['the one that the server names, which it did not know', true],
    ['the next one when the server names none', false],
  ])('is connected all the while, and goes on at %s', async (_what, isNamed) => {
    await using first = await startScriptedServer(node);
    await using second = await startScriptedServer(node);
    await using test = await startOn(first, ...(isNamed ? [] : [second]));
    test.ask(isNamed ? `http://127.0.0.1:${second.port}` : '');
    const { params } = await second.call(0, 'session.connect');
    expect(params['resume']).toMatchObject({ sessionId: 's1', rooms: [{ room: 'standup' }] });
    await test.room.chat.send('from there').sent.catch(() => {});
    await second.call(0, 'chat.send');
    await eventually(() => test.connection.closed, 'the old connection to be closed');
    expect(test.states.map(({ state }) => state)).toEqual(['connecting', 'connected']);
    expect([test.room.peerId, test.told]).toEqual(['peer in standup', []]);
    expect([first.connections.length, second.connections.length]).toEqual([1, 1]);
  });

  it('comes back from there to where it is, when only that connection is lost', async () => {
    await using first = await startScriptedServer(node);
    await using second = await startScriptedServer(node);
    await using test = await startOn(first, second);
    test.ask();
    await hasMoved(test.client, second);
    second.connections[0]?.kill();
    await second.connected(1);
    expect(first.connections).toHaveLength(1);
  });

  it('hears nothing of the old connection once it is on the new one', async () => {
    await using first = await startScriptedServer(node);
    await using second = await startScriptedServer(node);
    await using test = await startOn(first, second);
    test.ask();
    await hasMoved(test.client, second);
    test.connection.event('roomLeft', { room: 'standup', reason: 'removed', explanation: '' });
    test.connection.close(4409, 'SESSION_TAKEN_OVER');
    await eventually(() => test.connection.closed, 'the old connection to be closed');
    expect(test.told).toEqual([]);
  });

  it('sends what was under way again, as the same', async () => {
    await using first = await startScriptedServer({ ...node, 'chat.send': () => new Promise(() => {}) });
    await using second = await startScriptedServer(node);
    await using test = await startOn(first, second);
    test.room.chat.send('hello');
    const before = await first.call(0, 'chat.send');
    test.ask();
    const again = await second.call(0, 'chat.send');
    expect(again.params).toEqual(before.params);
  });

  it('stays where it is when that node refuses, and when none answers, until it is sent away', async () => {
    await using first = await startScriptedServer(node);
    let answers: 'refuse' | 'nothing' | 'all' = 'refuse';
    await using second = await startScriptedServer({
      ...node,
      'session.connect': (params, connection) => {
        if (answers === 'refuse') return new Refusal('STORE_UNAVAILABLE', 5, 'UNAVAILABLE');
        if (answers === 'nothing') return new Promise(() => {});
        return node['session.connect']!(params, connection);
      },
    });
    await using test = await startOn(first, second);
    test.ask();
    await second.connected(0);
    await eventually(() => second.connections[0]?.closed, 'the refused connection to be closed');
    answers = 'nothing';
    test.ask('', 50);
    await second.connected(1);
    await eventually(() => second.connections[1]?.closed, 'the unanswered connection to be closed');
    await test.client.ping();
    expect(test.connection.called('session.ping')).toHaveLength(1);
    expect(test.states.map(({ state }) => state)).toEqual(['connecting', 'connected']);
    answers = 'all';
    test.connection.event('sessionClosing', { reason: 'SERVER_DRAINING', retryAfterMs: 5 });
    test.connection.close(4503, 'SERVER_DRAINING');
    const { params } = await second.call(2, 'session.connect');
    expect(params['resume']).toMatchObject({ sessionId: 's1', rooms: [{ room: 'standup' }] });
  });

  it('tries the others when the one that is named does not take it', async () => {
    await using first = await startScriptedServer(node);
    await using second = await startScriptedServer({
      'session.connect': () => new Refusal('SERVER_DRAINING', 5, 'UNAVAILABLE'),
    });
    await using third = await startScriptedServer(node);
    await using test = await startOn(first, third);
    test.ask(`http://127.0.0.1:${second.port}`);
    await hasMoved(test.client, third);
    expect(test.states.map(({ state }) => state)).toEqual(['connecting', 'connected']);
  });

  it('is not lost when its node lets go of it before the other one has answered', async () => {
    await using first = await startScriptedServer(node);
    let answer = () => {};
    await using second = await startScriptedServer({
      ...node,
      'session.connect': (params, connection) =>
        new Promise((resolve) => {
          answer = () => resolve(node['session.connect']!(params, connection) as object);
        }),
    });
    await using test = await startOn(first, second);
    test.ask();
    await second.connected(0);
    test.connection.close(4409, 'SESSION_TAKEN_OVER');
    await eventually(() => test.connection.closed, 'the old connection to be closed');
    answer();
    await eventually(
      async () =>
        test.client
          .ping()
          .then(() => true)
          .catch(() => false),
      'calls to go through',
    );
    expect(test.states.map(({ state }) => state)).toEqual(['connecting', 'connected']);
    expect([first.connections.length, test.room.peerId]).toEqual([1, 'peer in standup']);
  });

  it('comes back as who it was when its node let go of it and the answer of the other one is lost', async () => {
    await using first = await startScriptedServer(node);
    await using second = await startScriptedServer({
      ...node,
      'session.connect': (params, connection) =>
        connection.index === 0 ? new Promise(() => {}) : node['session.connect']!(params, connection),
    });
    await using test = await startOn(first, second);
    test.ask();
    await second.connected(0);
    test.connection.close(4409, 'SESSION_TAKEN_OVER');
    await eventually(() => test.connection.closed, 'the old connection to be closed');
    second.connections[0]?.kill();
    const { params } = await second.call(1, 'session.connect');
    expect(params['resume']).toMatchObject({ sessionId: 's1', rooms: [{ room: 'standup' }] });
    await eventually(() => test.client.state === 'connected', 'the return');
    expect([test.room.peerId, test.told]).toEqual(['peer in standup', []]);
  });

  it('leaves no connection behind when it is closed in between', async () => {
    await using first = await startScriptedServer(node);
    await using second = await startScriptedServer({ ...node, 'session.connect': () => new Promise(() => {}) });
    await using test = await startOn(first, second);
    test.ask();
    await second.connected(0);
    await test.client.close();
    await eventually(() => test.connection.closed && second.connections[0]?.closed, 'both to be closed');
  });
});
