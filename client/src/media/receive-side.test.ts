import { describe, expect, it } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { collect } from '../../test/in-room.ts';
import { consumeResponse } from '../../test/media-answers.ts';
import { startMediaRoom } from '../../test/media-room.ts';
import { routerCapabilities } from '../../test/router-capabilities.ts';
import { connectResponse, Refusal, silence } from '../../test/scripted-server.ts';
import { peerInfo, producerInfo, roomSnapshot } from '../../test/snapshots.ts';

const room = 'standup';

/** A room in which `a` sends so many sounds. */
function roomWith(...producerIds: string[]) {
  const producers = producerIds.map((producerId) => producerInfo(producerId));
  return roomSnapshot({ peers: [peerInfo('a', { producers })] });
}

describe('receiving', () => {
  it('takes what is there and what comes, on one transport, each resumed when it is ready', async () => {
    await using test = await startMediaRoom({}, { snapshot: roomWith('p1') });
    const added = collect(test.room, 'trackAdded');
    test.connection.event('producerAdded', { room, peerId: 'a', producer: producerInfo('p2', { paused: true }) });
    await eventually(() => test.room.remoteTracks.size === 2, 'both tracks');
    expect(added.map(({ producerId, peerId, source, paused }) => [producerId, peerId, source, paused])).toEqual([
      ['p1', 'a', 'microphone', false],
      ['p2', 'a', 'microphone', true],
    ]);
    expect(added[0]?.track.kind).toBe('audio');
    expect(test.connection.called('media.createTransport').map(({ params }) => params['direction'])).toEqual(['recv']);
    expect(test.connection.called('media.connectTransport')).toHaveLength(1);
    expect(test.connection.called('media.resumeConsumer')).toHaveLength(2);
  });

  it('asks for at most eight at once, however many there are', async () => {
    let open = 0;
    let most = 0;
    let made = 0;
    await using test = await startMediaRoom(
      {
        'media.consume': async ({ producerId }) => {
          open += 1;
          most = Math.max(most, open);
          await new Promise((resolve) => setImmediate(resolve));
          open -= 1;
          return consumeResponse(producerId, made++);
        },
      },
      { snapshot: roomWith(...Array.from({ length: 30 }, (_, index) => `p${index}`)) },
    );
    await eventually(() => test.room.remoteTracks.size === 30, 'all tracks');
    expect(most).toBe(8);
  });

  it('a track that is paused or muted at its sender says so', async () => {
    await using test = await startMediaRoom({}, { snapshot: roomWith('p1') });
    const changed = collect(test.room, 'trackChanged');
    const track = await eventually(() => test.room.remoteTracks.get('p1'), 'the track');
    const paused = producerInfo('p1', { paused: true, muted: true });
    test.connection.event('producerChanged', { room, peerId: 'a', producer: paused });
    test.connection.event('producerChanged', { room, peerId: 'a', producer: { ...paused, locked: true } });
    test.connection.event('producerChanged', { room, peerId: 'a', producer: producerInfo('p1') });
    await eventually(() => changed.length === 2, 'both changes');
    expect(track.paused).toBe(false);
  });

  it('a track that ended is removed once, whichever end is told', async () => {
    await using test = await startMediaRoom({}, { snapshot: roomWith('p1', 'p2') });
    const removed = collect(test.room, 'trackRemoved');
    await eventually(() => test.room.remoteTracks.size === 2, 'both tracks');
    const consumed = test.connection.called('media.resumeConsumer').map(({ params }) => String(params['consumerId']));
    for (const consumerId of consumed) test.connection.event('consumerClosed', { room, consumerId, reason: 'ended' });
    test.connection.event('producerClosed', { room, peerId: 'a', producerId: 'p1' });
    test.connection.event('peersLeft', { room, peers: [{ peerId: 'a', reason: 'left', name: 'a' }], peerCount: 1 });
    await test.client.ping();
    expect(removed.map(({ producerId }) => producerId).sort()).toEqual(['p1', 'p2']);
    expect(test.room.remoteTracks.size).toBe(0);
    expect(test.room.mediaState).toBe('idle');
  });

  it('a producer that ends while it is being consumed is forgotten, also when the answer comes later', async () => {
    await using test = await startMediaRoom(
      { 'media.consume': ({ producerId }) => (producerId === 'p1' ? silence : consumeResponse(producerId, 7)) },
      { snapshot: roomWith('p1', 'p2') },
    );
    const added = collect(test.room, 'trackAdded');
    const consume = await test.server.call(0, 'media.consume');
    test.connection.event('producerClosed', { room, peerId: 'a', producerId: 'p1' });
    test.connection.answer(consume, consumeResponse('p1', 3));
    await eventually(() => added.length === 1, 'the other track');
    await test.client.ping();
    expect(added.map(({ producerId }) => producerId)).toEqual(['p2']);
    expect(test.connection.called('media.resumeConsumer')).toHaveLength(1);
  });

  it('one that cannot be received does not keep the others from it', async () => {
    await using test = await startMediaRoom(
      {
        'media.consume': ({ producerId }) =>
          producerId === 'p1' ? new Refusal('CANNOT_CONSUME') : consumeResponse(producerId, 7),
      },
      { snapshot: roomWith('p1', 'p2') },
    );
    await eventually(() => test.room.remoteTracks.has('p2'), 'the other track');
    await expect(test.room.subscribe('p1')).rejects.toMatchObject({ reason: 'CANNOT_CONSUME' });
    expect(test.connection.called('media.consume')).toHaveLength(3);
  });

  it('what the server has no room for is taken when there is room again', async () => {
    let made = 0;
    await using test = await startMediaRoom(
      {
        'media.consume': ({ producerId }) =>
          ++made === 2 ? new Refusal('TOO_MANY_MEDIA_OBJECTS') : consumeResponse(producerId, made),
      },
      { snapshot: roomWith('p1', 'p2') },
    );
    await eventually(() => test.room.remoteTracks.has('p1'), 'the first track');
    test.connection.event('producerClosed', { room, peerId: 'a', producerId: 'p1' });
    await eventually(() => test.room.remoteTracks.has('p2'), 'the second track');
  });

  it('without the grant nothing is asked for', async () => {
    const snapshot = { ...roomWith('p1'), grants: ['join'] };
    await using test = await startMediaRoom({}, { snapshot });
    await test.client.ping();
    expect(test.connection.called('media.createTransport')).toHaveLength(0);
  });
});

describe('subscribing by hand', () => {
  it('receives what was asked for, and nothing else', async () => {
    await using test = await startMediaRoom({}, { snapshot: roomWith('p1', 'p2'), autoSubscribe: false });
    const track = await test.room.subscribe('p2');
    expect(track.producerId).toBe('p2');
    expect(await test.room.subscribe('p2')).toBe(track);
    expect([...test.room.remoteTracks.keys()]).toEqual(['p2']);
    await expect(test.room.subscribe('nobody’s')).rejects.toMatchObject({ reason: 'PRODUCER_NOT_FOUND' });
    test.room.autoSubscribe = true;
    await eventually(() => test.room.remoteTracks.has('p1'), 'the other track');
  });

  it('unsubscribe() closes the consumer, and subscribe() brings it back', async () => {
    await using test = await startMediaRoom({}, { snapshot: roomWith('p1') });
    const removed = collect(test.room, 'trackRemoved');
    const first = await eventually(() => test.room.remoteTracks.get('p1'), 'the track');
    await test.room.unsubscribe('p1');
    expect(removed).toEqual([first]);
    expect(first.track.readyState).toBe('ended');
    expect((await test.server.call(0, 'media.closeConsumer')).params).toEqual({ room, consumerId: 'c-p1-0' });
    const second = await test.room.subscribe('p1');
    expect(second).not.toBe(first);
    await expect(first.getStats()).rejects.toMatchObject({ reason: 'TRACK_CLOSED' });
  });

  it('unsubscribe() while it is being consumed closes it as soon as there is one', async () => {
    await using test = await startMediaRoom({ 'media.consume': () => silence }, { snapshot: roomWith('p1') });
    const waiting = test.room.subscribe('p1');
    const consume = await test.server.call(0, 'media.consume');
    await test.room.unsubscribe('p1');
    await expect(waiting).rejects.toMatchObject({ reason: 'TRACK_CLOSED' });
    test.connection.answer(consume, consumeResponse('p1', 3));
    expect((await test.server.call(0, 'media.closeConsumer')).params).toEqual({ room, consumerId: 'c-p1-3' });
    expect(test.room.remoteTracks.size).toBe(0);
  });

  it('setView() is told once it has settled, and a consumer that is made anew starts with it', async () => {
    await using test = await startMediaRoom({}, { snapshot: roomWith('p1') });
    const track = await eventually(() => test.room.remoteTracks.get('p1'), 'the track');
    track.setView({ width: 100.4, height: 50, hidden: false });
    track.setView({ width: 320, height: 180 });
    const told = await test.server.call(0, 'media.setConsumerView');
    const view = { width: 320, height: 180, hidden: false };
    expect(told.params).toEqual({ room, consumerId: 'c-p1-0', view });
    test.connection.event('consumerClosed', { room, consumerId: 'c-p1-0', reason: 'restart' });
    await eventually(() => test.connection.called('media.resumeConsumer').length === 2, 'another consumer');
    expect(test.connection.called('media.consume').map(({ params }) => params['view'])).toEqual([undefined, view]);
    expect(test.connection.called('media.setConsumerView')).toHaveLength(1);
    // Somebody else stands for the track now.
    track.setView({ width: 0, height: 0, hidden: true });
    expect(test.room.remoteTracks.get('p1')).not.toBe(track);
  });

  it('a view that was not told when the connection was lost is told when it is back', async () => {
    await using test = await startMediaRoom({}, { snapshot: roomWith('p1') });
    const track = await eventually(() => test.room.remoteTracks.get('p1'), 'the track');
    test.connection.kill();
    track.setView({ width: 320, height: 180 });
    await eventually(() => test.connection.called('media.setConsumerView').length === 1, 'the view');
    expect(test.room.remoteTracks.get('p1')).toBe(track);
  });

  it('setPreferredLayers() names the consumer', async () => {
    await using test = await startMediaRoom({}, { snapshot: roomWith('p1') });
    const track = await test.room.subscribe('p1');
    await track.setPreferredLayers({ spatialLayer: 1 });
    expect((await test.server.call(0, 'media.setPreferredLayers')).params).toEqual({
      room,
      consumerId: 'c-p1-0',
      spatialLayer: 1,
    });
  });
});

describe('when media starts over', () => {
  it('a reset removes everything; what is sent again is received again', async () => {
    await using test = await startMediaRoom({}, { snapshot: roomWith('p1') });
    const states = collect(test.room, 'mediaStateChanged');
    const removed = collect(test.room, 'trackRemoved');
    await eventually(() => test.room.remoteTracks.size === 1, 'the first track');
    test.connection.event('mediaReset', {
      room,
      mediaEpoch: 2,
      routerRtpCapabilities: routerCapabilities,
      peerIds: [],
    });
    test.connection.event('producerAdded', { room, peerId: 'a', producer: producerInfo('p9') });
    await eventually(() => test.room.remoteTracks.has('p9'), 'the second track');
    expect(removed.map(({ producerId }) => producerId)).toEqual(['p1']);
    expect(test.room.peers.get('a')?.producers).toEqual([producerInfo('p9')]);
    expect(test.connection.called('media.createTransport')).toHaveLength(2);
    expect(states).not.toContain('connected');
  });

  it('a reset in the middle of consuming drops the late answer', async () => {
    await using test = await startMediaRoom(
      {
        'media.consume': ({ transportId, producerId }) =>
          transportId === 't0' ? silence : consumeResponse(producerId, 9),
      },
      { snapshot: roomWith('p1') },
    );
    const consume = await test.server.call(0, 'media.consume');
    test.connection.event('mediaReset', {
      room,
      mediaEpoch: 2,
      routerRtpCapabilities: routerCapabilities,
      peerIds: [],
    });
    test.connection.answer(consume, consumeResponse('p1', 3));
    test.connection.event('producerAdded', { room, peerId: 'a', producer: producerInfo('p9') });
    await eventually(() => test.room.remoteTracks.has('p9'), 'the new track');
    expect(test.room.remoteTracks.size).toBe(1);
    expect(test.connection.called('media.resumeConsumer')).toHaveLength(1);
  });

  it('a transport that the server closed is replaced, and everything is received again as other tracks', async () => {
    await using test = await startMediaRoom({}, { snapshot: roomWith('p1', 'p2') });
    const added = collect(test.room, 'trackAdded');
    await eventually(() => test.room.remoteTracks.size === 2, 'both tracks');
    test.connection.event('transportClosed', { room, transportId: 't0' });
    await eventually(() => added.length === 4, 'both tracks again');
    expect(added[2]).not.toBe(added[0]);
    expect(new Set(added.map(({ producerId }) => producerId)).size).toBe(2);
  });
});

describe('when the connection is lost', () => {
  it('and the session goes on, tracks stay the same objects', async () => {
    await using test = await startMediaRoom({}, { snapshot: roomWith('p1') });
    const track = await test.room.subscribe('p1');
    await test.reconnect();
    await test.client.ping();
    expect(test.room.remoteTracks.get('p1')).toBe(track);
    expect(track.track.readyState).toBe('live');
    expect(test.connection.calls.map(({ method }) => method)).toEqual(['session.connect', 'session.ping']);
  });

  it('what ended and what began meanwhile is caught up with', async () => {
    await using test = await startMediaRoom({}, { snapshot: roomWith('p1', 'p2') });
    await eventually(() => test.room.remoteTracks.size === 2, 'both tracks');
    test.snapshot = roomWith('p2', 'p3');
    await test.reconnect();
    await eventually(() => test.room.remoteTracks.has('p3'), 'the new track');
    expect([...test.room.remoteTracks.keys()].sort()).toEqual(['p2', 'p3']);
  });

  it.each(['media.consume', 'media.resumeConsumer'] as const)('during %s, it is done again', async (method) => {
    await using test = await startMediaRoom(
      {
        [method]: (params: { producerId?: string }, { index }: { index: number }) => {
          if (index === 0) return silence;
          return method === 'media.consume' ? consumeResponse(params.producerId ?? '', 5) : {};
        },
      },
      { snapshot: roomWith('p1') },
    );
    await test.server.call(0, method);
    await test.reconnect();
    await eventually(() => test.room.remoteTracks.has('p1'), 'the track');
    expect(test.connection.called('media.createTransport')).toHaveLength(0);
  });

  it('and the session too, everything is received anew from the same producers', async () => {
    await using test = await startMediaRoom(
      { 'session.connect': () => connectResponse() },
      { snapshot: roomWith('p1') },
    );
    const first = await test.room.subscribe('p1');
    await test.reconnect();
    const second = await eventually(() => {
      const track = test.room.remoteTracks.get('p1');
      return track === first ? undefined : track;
    }, 'the track of the new session');
    expect(second.producerId).toBe('p1');
    expect(test.connection.called('media.createTransport')).toHaveLength(1);
  });
});
