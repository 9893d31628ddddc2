import { describe, expect, it } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { collect } from '../../test/in-room.ts';
import { snapshotOf, startMovingRoom } from '../../test/moving-room.ts';
import { Refusal } from '../../test/scripted-server.ts';
import { roomSnapshot } from '../../test/snapshots.ts';

// `a` moves as well: what it sends from its new node is `a2`, in place of `a1`.
describe.each(['microphone', 'camera'] as const)('who moves at the same moment as the sender of a %s', (source) => {
  const there = (...producerIds: string[]) => snapshotOf(source, ...producerIds);

  it('has it all the while when the other node knows of the old track first', async () => {
    await using test = await startMovingRoom(source);
    await test.received('a1');
    await test.move(there('a1'));
    test.added('a2', 'a1');
    await test.handedOverTo('a2');
  });

  it('has it all the while when the other node tells of the new track alone', async () => {
    await using test = await startMovingRoom(source);
    await test.received('a1');
    const come = test.hold('a2');
    await test.move(there('a2'));
    const old = test.room.remoteTracks.get('a1');
    expect(old?.track.readyState).toBe('live');
    come();
    await test.handedOverTo('a2');
    expect(old?.track.readyState).toBe('ended');
  });

  it.each([
    ['the new track alone', ['a2']],
    ['both', ['a1', 'a2']],
    ['the old track alone', ['a1']],
    ['neither', []],
  ])(
    'has it all the while when it was told of the new track before, and the other node tells of %s',
    async (_what, listed) => {
      await using test = await startMovingRoom(source);
      await test.received('a1');
      const come = test.hold('a2');
      test.added('a2', 'a1');
      await test.client.ping();
      await test.move(there(...listed));
      expect([...test.room.remoteTracks.keys()]).toEqual(['a1']);
      if (!listed.includes('a2')) test.added('a2', 'a1');
      come();
      await test.handedOverTo('a2');
    },
  );

  it.each([
    ['it alone', ['a2']],
    ['the old track alone', ['a1']],
    ['neither', []],
  ])('has it all the while when it had the new track before, and the other node tells of %s', async (_what, listed) => {
    await using test = await startMovingRoom(source);
    const before = await test.received('a1');
    test.added('a2', 'a1');
    const first = await test.received('a2');
    expect(test.room.remoteTracks.get('a1')).not.toBe(before);
    await test.move(there(...listed));
    if (!listed.includes('a2')) test.added('a2', 'a1');
    await eventually(() => ![undefined, first].includes(test.room.remoteTracks.get('a2')), 'the track once more');
    expect([[...test.room.remoteTracks.keys()], test.holes]).toEqual([['a2'], 0]);
  });

  it('has it all the while when the other node knows of neither track yet, and tells of the new one as of any other', async () => {
    await using test = await startMovingRoom(source);
    await test.received('a1');
    await test.move(there());
    expect(test.room.remoteTracks.size).toBe(1);
    test.added('a2');
    await test.handedOverTo('a2');
  });

  it('has it all the while when the old track ends before the new one comes', async () => {
    await using test = await startMovingRoom(source);
    await test.received('a1');
    const come = test.hold('a2');
    await test.move(there('a1'));
    test.added('a2', 'a1');
    test.closed('a1');
    await test.client.ping();
    expect([...test.room.remoteTracks.keys()]).toEqual(['a1']);
    come();
    await test.handedOverTo('a2');
  });

  it('has it all the while when the sender goes on to a third node before anything comes from the second', async () => {
    await using test = await startMovingRoom(source);
    await test.received('a1');
    test.hold('a2');
    test.added('a2', 'a1');
    await test.move(there('a2'));
    test.added('a3', 'a2');
    test.closed('a2');
    await test.handedOverTo('a3');
  });

  it('keeps what it asked for by hand, and how it is shown', async () => {
    await using test = await startMovingRoom(source, { autoSubscribe: false });
    const track = await test.room.subscribe('a1');
    track.setView({ width: 320, height: 180 });
    await test.move(there('a2'));
    await test.received('a2');
    expect(test.holes).toBe(0);
    const [asked] = test.connection.called('media.consume');
    expect(asked?.params['view']).toEqual({ width: 320, height: 180, hidden: false });
  });
});

describe('what is kept of a track while its receiver moves', () => {
  const source = 'microphone';

  it('ends when nothing takes its place in the time that the old node keeps it', async () => {
    await using test = await startMovingRoom(source);
    await test.received('a1');
    await test.move(snapshotOf(source));
    expect([test.room.remoteTracks.size, test.holes]).toEqual([1, 0]);
    await eventually(() => test.room.remoteTracks.size === 0, 'its end', 15_000);
  }, 20_000);

  it('ends at once when its sender left', async () => {
    await using test = await startMovingRoom(source);
    await test.received('a1');
    await test.move(snapshotOf(source));
    const peers = [{ peerId: 'a', reason: 'left', name: 'a' } as const];
    test.connection.event('peersLeft', { room: 'standup', peers, peerCount: 1 });
    await test.client.ping();
    expect(test.room.remoteTracks.size).toBe(0);
  });

  it('ends at once when its sender is not there any more at the other node', async () => {
    await using test = await startMovingRoom(source);
    await test.received('a1');
    await test.move(roomSnapshot());
    expect(test.room.remoteTracks.size).toBe(0);
  });

  it('ends with the track that takes its place, when that one ends before it came', async () => {
    await using test = await startMovingRoom(source);
    await test.received('a1');
    test.hold('a2');
    await test.move(snapshotOf(source, 'a2'));
    test.closed('a2');
    await test.client.ping();
    expect(test.room.remoteTracks.size).toBe(0);
  });

  it('ends when the track that takes its place is refused', async () => {
    await using test = await startMovingRoom(source);
    await test.received('a1');
    test.refuse('a2', new Refusal('CANNOT_CONSUME'));
    await test.move(snapshotOf(source, 'a2'));
    await eventually(() => test.room.remoteTracks.size === 0, 'its end');
  });

  it('ends when it is not wanted any more, whichever track is in its place', async () => {
    for (const listed of [[], ['a2']]) {
      await using test = await startMovingRoom(source);
      await test.received('a1');
      const come = test.hold('a2');
      await test.move(snapshotOf(source, ...listed));
      await test.room.unsubscribe('a1');
      expect(test.room.remoteTracks.size).toBe(0);
      come();
      await test.client.ping();
      expect(test.connection.called('media.resumeConsumer')).toEqual([]);
    }
  });

  it('is not what another source of the same sender takes the place of', async () => {
    await using test = await startMovingRoom(source);
    const track = await test.received('a1');
    test.refuse('c1', new Refusal('CANNOT_CONSUME'));
    await test.move(snapshotOf('camera', 'c1'));
    await eventually(() => test.connection.called('media.consume').length === 1, 'the camera to be asked for');
    await expect(test.room.subscribe('c1')).rejects.toMatchObject({ reason: 'CANNOT_CONSUME' });
    expect([...test.room.remoteTracks.values()]).toContain(track);
  });

  it('ends when the room is left', async () => {
    await using test = await startMovingRoom(source);
    await test.received('a1');
    const removed = collect(test.room, 'trackRemoved');
    await test.move(snapshotOf(source));
    await test.room.leave();
    expect(removed.map(({ producerId }) => producerId)).toEqual(['a1']);
    expect(removed[0]?.track.readyState).toBe('ended');
  });
});

describe('who stays where it is', () => {
  const source = 'microphone';

  it('has the old track of a sender who moved until the new one comes, though the old one ended', async () => {
    await using test = await startMovingRoom(source);
    await test.received('a1');
    const come = test.hold('a2');
    test.added('a2', 'a1');
    test.closed('a1');
    await test.client.ping();
    expect([...test.room.remoteTracks.keys()]).toEqual(['a1']);
    come();
    await test.handedOverTo('a2');
  });

  it('has it too when the server says of the old one both that it ended and that nothing comes of it', async () => {
    await using test = await startMovingRoom(source);
    await test.received('a1');
    const come = test.hold('a2');
    test.added('a2', 'a1');
    test.closed('a1');
    const consumerId = String(test.connection.called('media.resumeConsumer')[0]?.params['consumerId']);
    test.connection.event('consumerClosed', { room: 'standup', consumerId, reason: 'ended' });
    await test.client.ping();
    expect([...test.room.remoteTracks.keys()]).toEqual(['a1']);
    come();
    await test.received('a2');
    expect(test.holes).toBe(0);
  });

  it('has nothing of a sender who moved when it does not want it any more before the new track came', async () => {
    await using test = await startMovingRoom(source);
    await test.received('a1');
    const come = test.hold('a2');
    test.added('a2', 'a1');
    await test.client.ping();
    await test.room.unsubscribe('a1');
    come();
    test.added('b1');
    await test.received('b1');
    expect([...test.room.remoteTracks.keys()]).toEqual(['b1']);
  });

  it('has nothing of a sender whose tracks both ended before the new one came', async () => {
    await using test = await startMovingRoom(source);
    await test.received('a1');
    test.hold('a2');
    test.added('a2', 'a1');
    test.closed('a1');
    test.closed('a2');
    await test.client.ping();
    expect(test.room.remoteTracks.size).toBe(0);
  });

  it('has it too when the connection was lost for the moment in which the sender moved', async () => {
    await using test = await startMovingRoom(source);
    await test.received('a1');
    const come = test.hold('a2');
    await test.comeBack('a2');
    expect([...test.room.remoteTracks.keys()]).toEqual(['a1']);
    come();
    await test.handedOverTo('a2');
  });

  it('has nothing of a track that ended while the connection was lost', async () => {
    await using test = await startMovingRoom(source);
    await test.received('a1');
    await test.comeBack();
    expect(test.room.remoteTracks.size).toBe(0);
  });
});
