import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { collect, reconnect, startInRoom } from '../test/in-room.ts';
import { connectResponse, Refusal, silence, startScriptedServer } from '../test/scripted-server.ts';
import { messageRecord, peerInfo, producerInfo, roomSnapshot } from '../test/snapshots.ts';
import { createTestClient } from '../test/test-client.ts';
import { createToneTrack } from '../test/tracks.ts';

const ids = (peers: readonly { peerId: string }[]) => peers.map(({ peerId }) => peerId);

describe('join()', () => {
  it('answers with the room as it is', async () => {
    await using test = await startInRoom({
      'room.join': () => roomSnapshot({ peers: [peerInfo('a')], peerCount: 2, activeSpeakerPeerId: 'a' }),
    });
    expect(test.room).toMatchObject({
      name: 'standup',
      peerId: 'me',
      peerCount: 2,
      activeSpeaker: 'a',
      mediaState: 'idle',
    });
    expect([...test.room.peers.keys()]).toEqual(['a']);
    expect(test.room.grants).toContain('chat');
  });

  it('whoever listens right after it misses nothing that came behind it in the same breath', async () => {
    await using test = await startInRoom({
      'room.join': ({ room }, connection) => {
        const call = connection.calls.at(-1);
        if (call) connection.answer(call, roomSnapshot({ room }));
        connection.event('peersJoined', { room, peers: [peerInfo('a')], peerCount: 2 });
        connection.event('logRecords', { room, epoch: 'e1', records: [messageRecord(1)] });
        return silence;
      },
    });
    const heard: number[] = [];
    test.room.chat.on('records', ({ records }) => heard.push(...records.map(({ seq }) => seq)));
    const changes = collect(test.room, 'peersChanged');
    await eventually(() => heard.length === 1, 'the message');
    expect(ids(changes[0]?.joined ?? [])).toEqual(['a']);
  });

  it('fails with what the server refuses it with, and may be tried again', async () => {
    let tries = 0;
    await using server = await startScriptedServer({
      'room.join': () => (++tries === 1 ? new Refusal('ROOM_FULL') : roomSnapshot()),
    });
    await using test = createTestClient({ server });
    await test.client.connect();
    await expect(test.client.join('standup')).rejects.toMatchObject({ reason: 'ROOM_FULL' });
    expect((await test.client.join('standup')).name).toBe('standup');
  });

  it('of a room that is joined, or being joined, fails with ALREADY_IN_ROOM', async () => {
    await using test = await startInRoom();
    await expect(test.client.join('standup')).rejects.toMatchObject({ reason: 'ALREADY_IN_ROOM' });
    const both = await Promise.allSettled([test.client.join('other'), test.client.join('other')]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('that took too long leaves the room that it may have joined', async () => {
    await using server = await startScriptedServer({ 'room.join': () => silence });
    await using test = createTestClient({ server, timing: { callTimeoutMs: 30 } });
    await test.client.connect();
    await expect(test.client.join('standup')).rejects.toMatchObject({ reason: 'CALL_TIMEOUT' });
    expect((await server.call(0, 'room.leave')).params).toEqual({ room: 'standup' });
  });
});

describe('the roster', () => {
  it('of a large room comes page by page, also when a page fails', async () => {
    let failures = 0;
    await using test = await startInRoom({
      'room.join': () => roomSnapshot({ peers: [peerInfo('a')], peerCount: 4, nextPageToken: '1' }),
      'room.listPeers': ({ pageToken }) => {
        if (pageToken === '1') return { peers: [peerInfo('b')], nextPageToken: '2' };
        if (failures++ < 2) return new Refusal('RATE_LIMITED');
        return { peers: [peerInfo('me'), peerInfo('c')], nextPageToken: '' };
      },
    });
    expect(test.room.peerCount).toBe(4);
    await eventually(() => test.room.peers.size === 3, 'all pages');
    expect([...test.room.peers.keys()]).toEqual(['a', 'b', 'c']);
  });

  it('whose first page is empty comes with the pages behind it', async () => {
    await using test = await startInRoom({
      'room.join': () => roomSnapshot({ peerCount: 2, nextPageToken: '0' }),
      'room.listPeers': ({ pageToken }) => ({ peers: [peerInfo(`behind ${pageToken}`)], nextPageToken: '' }),
    });
    await eventually(() => test.room.peers.size === 1, 'the page');
    expect([...test.room.peers.keys()]).toEqual(['behind 0']);
  });

  it('of several rooms comes one page at a time', async () => {
    await using test = await startInRoom({
      'room.join': ({ room }) => roomSnapshot({ room, nextPageToken: '1' }),
      'room.listPeers': () => silence,
    });
    const other = await test.client.join('other');
    const first = await test.server.call(0, 'room.listPeers');
    other.chat.send('whatever would have been asked is there before this');
    await test.server.call(0, 'chat.send');
    const [connection] = test.server.connections;
    expect(connection?.called('room.listPeers')).toMatchObject([{ params: { room: 'standup' } }]);
    connection?.answer(first, { peers: [peerInfo('a')], nextPageToken: '' });
    await eventually(() => connection?.called('room.listPeers').length === 2, 'the page of the other room');
    expect(test.room.peers.size).toBe(1);
  });

  it('follows events', async () => {
    await using test = await startInRoom({ 'room.join': () => roomSnapshot({ peers: [peerInfo('a')] }) });
    const changes = collect(test.room, 'peersChanged');
    const [connection] = test.server.connections;
    const room = 'standup';
    connection?.event('peersJoined', { room, peers: [peerInfo('b'), peerInfo('c')], peerCount: 4 });
    connection?.event('peerChanged', { room, peer: peerInfo('b', { away: true }) });
    connection?.event('peersLeft', { room, peers: [{ peerId: 'a', reason: 'left', name: 'a' }], peerCount: 3 });
    connection?.event('peersLeft', { room: 'elsewhere', peers: [], peerCount: 99 });
    await eventually(() => changes.length === 3, 'three changes');
    expect(changes.map(({ joined, left, changed }) => [ids(joined), ids(left), ids(changed)])).toEqual([
      [['b', 'c'], [], []],
      [[], [], ['b']],
      [[], ['a'], []],
    ]);
    expect(test.room.peers.get('b')?.away).toBe(true);
    expect(test.room.peerCount).toBe(3);
  });

  it('after a resume is compared with the one before', async () => {
    await using test = await startInRoom({
      'room.join': () => roomSnapshot({ peers: [peerInfo('stays'), peerInfo('leaves')] }),
      'session.connect': ({ resume }) =>
        connectResponse({
          resumed: resume !== undefined,
          rooms: [roomSnapshot({ peers: [peerInfo('stays'), peerInfo('comes')], peerCount: 3 })],
        }),
    });
    const changes = collect(test.room, 'peersChanged');
    await reconnect(test.server, test.client);
    expect(changes.map(({ joined, left }) => [ids(joined), ids(left)])).toEqual([[['comes'], ['leaves']]]);
    expect(test.server.connections[1]?.called('room.join')).toHaveLength(0);
  });
});

describe('moderation', () => {
  it('moderators mute, remove, allow and list', async () => {
    await using test = await startInRoom({
      'moderation.removePeer': () => ({ identity: 'eve' }),
      'moderation.allowIdentity': () => ({ wasRemoved: true }),
      'moderation.listRemoved': () => ({ identities: ['eve'], restrictions: [{ identity: 'eve', kind: 'banned' }] }),
    });
    await test.room.muteProducer('p1', { muted: true, lock: true });
    await test.room.removePeer('a', 'be nice');
    await test.room.allowIdentity('eve');
    expect(await test.room.listRemoved()).toEqual(['eve']);
    expect(await test.room.listRestrictions()).toEqual([{ identity: 'eve', kind: 'banned' }]);
    await test.room.banIdentity('eve', { durationMs: 1_000, explanation: 'enough' });
    await test.room.muteIdentity('bob');
    await test.room.unmuteIdentity('bob');
    await test.room.configure({ slowModeMs: 5_000 });
    const calls = test.server.connections[0]?.calls.filter(({ method }) => method.startsWith('moderation.'));
    expect(calls?.map(({ params }) => params)).toEqual([
      { room: 'standup', producerId: 'p1', muted: true, lock: true },
      { room: 'standup', peerId: 'a', explanation: 'be nice' },
      { room: 'standup', identity: 'eve' },
      { room: 'standup' },
      { room: 'standup' },
      { room: 'standup', identity: 'eve', durationMs: 1_000, explanation: 'enough' },
      { room: 'standup', identity: 'bob' },
      { room: 'standup', identity: 'bob', durationMs: 0 },
      { room: 'standup', settings: { slowModeMs: 5_000, retentionMs: 0, retentionRecords: 0 } },
    ]);
  });
});

describe('leaving', () => {
  it('leave() tells the server and says nothing here', async () => {
    await using test = await startInRoom();
    const left = collect(test.room, 'left');
    await test.room.leave();
    await test.room.leave();
    expect(test.server.connections[0]?.called('room.leave')).toHaveLength(1);
    expect(left).toEqual([]);
    expect((await test.client.join('standup')).name).toBe('standup');
  });

  it('being removed ends the room, once', async () => {
    await using test = await startInRoom();
    const left = collect(test.room, 'left');
    const [connection] = test.server.connections;
    connection?.event('roomLeft', { room: 'standup', reason: 'removed', explanation: 'be nice' });
    connection?.event('roomLeft', { room: 'standup', reason: 'closed', explanation: '' });
    await eventually(() => left.length > 0, 'the end');
    await test.client.ping();
    expect(left).toEqual([{ reason: 'removed', explanation: 'be nice' }]);
  });

  it('a room that was left while the connection was lost is left on the server too', async () => {
    await using test = await startInRoom();
    test.server.answers['session.connect'] = async () => {
      await eventually(() => hasLeft, 'leaving');
      return connectResponse({ resumed: true, rooms: [roomSnapshot()] });
    };
    let hasLeft = false;
    test.server.connections[0]?.kill();
    await eventually(() => test.client.state === 'reconnecting', 'the loss');
    await test.room.leave();
    hasLeft = true;
    expect((await test.server.call(1, 'room.leave')).params).toEqual({ room: 'standup' });
  });

  it('a room that is left while it is being joined again is left on the server too', async () => {
    await using test = await startInRoom({
      'session.connect': () => connectResponse(),
      'room.join': async (_params, { index }) => {
        if (index === 1) await eventually(() => hasLeft, 'leaving');
        return roomSnapshot({ peerId: `me ${index}` });
      },
    });
    let hasLeft = false;
    test.server.connections[0]?.kill();
    await test.server.call(1, 'room.join');
    await test.room.leave();
    hasLeft = true;
    expect((await test.server.call(1, 'room.leave')).params).toEqual({ room: 'standup' });
    expect(test.room.peerId).toBe('me 0');
  });

  it('a client that is given up takes its rooms along', async () => {
    await using test = await startInRoom();
    const left = collect(test.room, 'left');
    test.server.answers['session.connect'] = () => new Refusal('TOKEN_EXPIRED');
    test.server.connections[0]?.kill();
    await eventually(() => test.client.state === 'closed', 'giving up');
    expect(left).toMatchObject([{ reason: 'expired' }]);
  });

  it('close() leaves all rooms first, so that nobody sees a ghost', async () => {
    await using test = await startInRoom();
    await test.client.close();
    expect(test.server.connections[0]?.called('room.leave')).toHaveLength(1);
    await eventually(() => test.server.connections[0]?.closed, 'the closing of the socket');
    await expect(test.client.connect()).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
    await expect(test.client.ping()).rejects.toMatchObject({ reason: 'NOT_CONNECTED' });
  });

  it('close() does not wait long for a server that says nothing', async () => {
    await using test = await startInRoom({ 'room.leave': () => silence });
    await test.client.close();
    expect(test.client.state).toBe('closed');
  });
});

describe('without media on the platform', () => {
  it('rooms work all the same, and publish() fails with MEDIA_UNSUPPORTED', async () => {
    await using test = await startInRoom({
      'room.join': () =>
        roomSnapshot({
          peers: [peerInfo('a', { producers: [producerInfo('p1')] })],
        }),
    });
    using tone = createToneTrack();
    await expect(test.room.publish(tone.track, { source: 'microphone' })).rejects.toMatchObject({
      reason: 'MEDIA_UNSUPPORTED',
    });
    await expect(test.room.subscribe('p1')).rejects.toMatchObject({ reason: 'MEDIA_UNSUPPORTED' });
    expect(test.room.mediaState).toBe('idle');
    expect(test.server.connections[0]?.called('media.createTransport')).toHaveLength(0);
  });
});
