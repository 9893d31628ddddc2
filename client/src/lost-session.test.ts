import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { collect, reconnect, startInRoom } from '../test/in-room.ts';
import { type Answers, connectResponse, Refusal, silence, startScriptedServer } from '../test/scripted-server.ts';
import { peerInfo, roomSnapshot } from '../test/snapshots.ts';
import { createTestClient } from '../test/test-client.ts';

describe('a lost session', () => {
  /** The second connection gets a fresh session, and each later join what `again` says. */
  const lost = (again: NonNullable<Answers['room.join']>): Answers => ({
    'session.connect': () => connectResponse(),
    'room.join': (params, connection) => (connection.index === 0 ? roomSnapshot() : again(params, connection)),
  });

  it('is followed by joining again, as a new peer and with the same options', async () => {
    await using server = await startScriptedServer(
      lost(() => roomSnapshot({ peerId: 'me again', peers: [peerInfo('b')] })),
    );
    await using test = createTestClient({ server });
    await test.client.connect();
    const room = await test.client.join('standup', { maxPeers: 5 });
    const left = collect(room, 'left');
    server.connections[0]?.kill();
    expect((await server.call(1, 'room.join')).params).toMatchObject({ room: 'standup', options: { maxPeers: 5 } });
    await eventually(() => room.peerId === 'me again', 'the second peer');
    expect([...room.peers.keys()]).toEqual(['b']);
    expect(left).toEqual([]);
  });

  it('also when the session goes on and only the room is gone', async () => {
    await using test = await startInRoom({
      ...lost(() => roomSnapshot({ peerId: 'me again' })),
      'session.connect': ({ resume }) => connectResponse({ resumed: resume !== undefined, rooms: [] }),
    });
    await reconnect(test.server, test.client);
    await eventually(() => test.room.peerId === 'me again', 'the second peer');
  });

  it('a refusal that may pass is tried again', async () => {
    let tries = 0;
    await using test = await startInRoom(
      lost(() => (++tries < 3 ? new Refusal('ROOM_FULL') : roomSnapshot({ peerId: 'me again' }))),
    );
    test.server.connections[0]?.kill();
    await eventually(() => test.room.peerId === 'me again', 'the third try');
  });

  it('a store that is away for longer than any number of tries does not end the room', async () => {
    let tries = 0;
    const away = new Refusal('STORE_UNAVAILABLE', 1, 'UNAVAILABLE');
    await using test = await startInRoom(lost(() => (++tries < 25 ? away : roomSnapshot({ peerId: 'me again' }))));
    const left = collect(test.room, 'left');
    test.server.connections[0]?.kill();
    await eventually(() => test.room.peerId === 'me again', 'the 25th try');
    expect(left).toEqual([]);
  });

  it('a refusal without a time to come back is tried again ten times', async () => {
    await using test = await startInRoom(lost(() => new Refusal('ROOM_FULL')));
    const left = collect(test.room, 'left');
    test.server.connections[0]?.kill();
    await eventually(() => left.length === 1, 'the end');
    expect(test.server.connections[1]?.called('room.join')).toHaveLength(10);
  });

  it('a join whose answer never came is undone first', async () => {
    let tries = 0;
    await using test = await startInRoom(
      lost(() => (++tries === 1 ? new Refusal('ALREADY_IN_ROOM') : roomSnapshot({ peerId: 'me again' }))),
    );
    test.server.connections[0]?.kill();
    await eventually(() => test.room.peerId === 'me again', 'the second try');
    expect(test.server.connections[1]?.calls.map(({ method }) => method)).toEqual([
      'session.connect',
      'room.join',
      'room.leave',
      'room.join',
    ]);
  });

  it('a connection that is lost while joining again is followed by the next one', async () => {
    await using test = await startInRoom(
      lost((_params, { index }) => (index === 1 ? silence : roomSnapshot({ peerId: 'me again' }))),
    );
    test.server.connections[0]?.kill();
    await test.server.call(1, 'room.join');
    test.server.connections[1]?.kill();
    await eventually(() => test.room.peerId === 'me again', 'the third connection');
    expect(test.room.peerCount).toBe(1);
  });

  it.each([
    ['IDENTITY_REMOVED', 'removed'],
    ['GRANT_MISSING', 'refused'],
  ])('%s ends the room as %s', async (reason, expected) => {
    await using test = await startInRoom(lost(() => new Refusal(reason)));
    const left = collect(test.room, 'left');
    test.server.connections[0]?.kill();
    await eventually(() => left.length === 1, 'the end');
    expect(left).toEqual([{ reason: expected, explanation: `refused: ${reason}` }]);
    await expect(test.room.listRemoved()).rejects.toMatchObject({ reason: 'NOT_IN_ROOM' });
  });
});
