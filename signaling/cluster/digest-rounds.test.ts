import { expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import type { RoomSnapshot } from '../../proto/gen/types.ts';
import { startNodes } from '../testing/start-nodes.ts';
import type { TestSignaling } from '../testing/start-signaling.ts';
import { type RoomFrame, RoomParts } from './room-parts.ts';

const rooms = ['one', 'two', 'three', 'four'];

async function startTwo() {
  const started = await startNodes(['a', 'b']);
  const [a, b] = started.nodes as [TestSignaling, TestSignaling];
  const [ada, bo] = [await a.connect({ identity: 'ada' }), await b.connect({ identity: 'bo' })];
  const snapshots: RoomSnapshot[] = [];
  for (const room of rooms) {
    await ada.call('room.join', { room });
    snapshots.push(await bo.call('room.join', { room }));
  }
  await started.settle();
  return { ...started, a, b, ada, bo, snapshots };
}

test('the last word of a room, lost, is found within a minute: whoever left then has left', async () => {
  const { cluster, ada, bo, settle, advance } = await startTwo();
  bo.link.take();
  cluster.lose('b', 1);
  await ada.call('room.leave', { room: 'two' });
  await settle();
  expect(bo.link.of('peersLeft')).toEqual([]);
  await advance(60_000);
  expect(bo.link.of('peersLeft')).toMatchObject([{ room: 'two', peers: [{ reason: 'lost' }] }]);
});

test('rooms of a node share frames, and those of rooms where nobody else is are not told of', async () => {
  const { a, bo, advance } = await startTwo();
  const sent = () => a.signaling.stats().cluster?.framesSent;
  await advance(180_000);
  expect(sent()?.digest).toBe(0);
  const { digests = 0 } = sent() ?? {};
  expect(digests).toBeGreaterThanOrEqual(4);
  expect(a.signaling.stats().cluster?.counts.partsAsked).toEqual({ change: 0, digest: 0, silence: 0 });
  for (const room of rooms) await bo.call('room.leave', { room });
  // Empty, they are let go of after a minute.
  await advance(120_000);
  const before = sent()?.digests;
  await advance(60_000);
  expect(sent()?.digests).toBe(before);
});

test('one that comes by another way makes nobody known: who is there is asked, and answers', () => {
  const published: RoomFrame[] = [];
  const nothing = () => {};
  const parts = new RoomParts({
    room: 'r',
    life: () => 'a~1',
    firstVersion: 0,
    graceMs: 1_000,
    clock: new FakeClock(),
    defer: nothing,
    publish: (frame) => published.push(frame),
    listener: { joined: nothing, changed: nothing, moved: nothing, left: nothing, track: nothing },
  });
  parts.heardDigest('a~1', { room: 'r', version: 7, peers: 7 });
  expect(published).toEqual([]);
  parts.heardDigest('b~1', { room: 'r', version: 3, peers: 2 });
  expect(published).toEqual([{ ask: { room: 'r', lives: ['b~1'] } }]);
  expect(parts.lives).toEqual([]);
  parts.heard('b~1', { part: { room: 'r', version: 3, index: 0, last: true, peers: [], gone: false } });
  parts.heardDigest('b~1', { room: 'r', version: 3, peers: 0 });
  expect([parts.lives, published.length]).toEqual([['b~1'], 1]);
  parts.heardDigest('b~1', { room: 'r', version: 4, peers: 0 });
  expect(published).toHaveLength(2);
});
