import { expect, test } from 'vitest';
import type { PeerQuality, TrackQuality } from '../proto/gen/types.ts';
import { startSignaling, type TestClient, type TestSignaling } from './testing/start-signaling.ts';

const room = 'standup';
const track: TrackQuality = {
  producerId: 'producer-1',
  direction: 'send',
  bitrate: 64_000,
  loss: 0.01,
  jitterMs: 4,
  rttMs: 30,
  freezeMs: 0,
  framesPerSecond: 0,
  score: 4.5,
  width: 0,
  height: 0,
};

async function join(t: TestSignaling, identity: string, can?: ('join' | 'moderate')[]) {
  const client = await t.connect({ identity, ...(can && { can }) });
  const { peerId } = await client.call('room.join', { room });
  await t.turns.end();
  return { client, peerId };
}

const toldTo = ({ link }: TestClient) => link.of('qualityChanged').flatMap(({ peers }) => peers);

test('scores are told to everybody; tracks to whom they belong, and to moderators', async () => {
  const t = startSignaling();
  const ada = await join(t, 'ada', ['join', 'moderate']);
  const ben = await join(t, 'ben', ['join']);
  const cleo = await join(t, 'cleo', ['join']);
  const peers: PeerQuality[] = [{ peerId: ben.peerId, score: 4.5, tracks: [track] }];
  t.media.room(room).events.emit('qualityChanged', { peers: peers as never });
  expect(toldTo(ada.client)).toEqual(peers);
  expect(toldTo(cleo.client)).toEqual([{ ...peers[0], tracks: [] }]);
  expect(toldTo(ben.client).at(-1)).toEqual(peers[0]);
});

test('nobody is told of a peer that has left', async () => {
  const t = startSignaling();
  const ada = await join(t, 'ada', ['join', 'moderate']);
  const ben = await join(t, 'ben', ['join']);
  await ben.client.call('room.leave', { room });
  t.media.room(room).events.emit('qualityChanged', { peers: [{ peerId: ben.peerId, score: 1, tracks: [] }] });
  expect(toldTo(ada.client)).toEqual([]);
});

test('a whole room is told in events of twenty peers', async () => {
  const t = startSignaling();
  const ada = await join(t, 'ada', ['join', 'moderate']);
  const others: PeerQuality[] = [];
  for (let index = 0; index < 45; index++) {
    others.push({ peerId: (await join(t, `guest-${index}`)).peerId, score: 4, tracks: [] });
  }
  t.media.room(room).events.emit('qualityChanged', { peers: others });
  expect(ada.client.link.of('qualityChanged').map(({ peers }) => peers.length)).toEqual([20, 20, 5]);
});

test('quality.report reaches the room’s media as what it says of the caller', async () => {
  const t = startSignaling();
  const ada = await join(t, 'ada', ['join']);
  await ada.client.call('quality.report', { room, tracks: [track], path: 'udp' });
  expect(t.media.room(room).qualityReports).toEqual([{ peerId: ada.peerId, report: { tracks: [track], path: 'udp' } }]);
});

test('quality.get is for moderators', async () => {
  const t = startSignaling();
  const ada = await join(t, 'ada', ['join', 'moderate']);
  const ben = await join(t, 'ben', ['join']);
  expect(await ada.client.call('quality.get', { room })).toEqual({ peers: [] });
  expect((await ben.client.refusal('quality.get', { room })).reason).toBe('GRANT_MISSING');
});
