import { expect, test } from 'vitest';
import type { ProduceRequestInit } from '../proto/gen/types.ts';
import { startSignaling, type TestClient, type TestSignaling } from './testing/start-signaling.ts';

const room = 'standup';
const track = {
  room,
  kind: 'audio',
  source: 'microphone',
  rtpParameters: { codecs: [{ mimeType: 'audio/opus' }], encodings: [] },
} satisfies Omit<ProduceRequestInit, 'transportId'>;

async function startCall(t: TestSignaling) {
  const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
  const send = await ada.call('media.createTransport', { room, direction: 'send' });
  const { producerId } = await ada.call('media.produce', { ...track, transportId: send.transportId });
  const recv = await bob.call('media.createTransport', { room, direction: 'recv' });
  const { consumerId } = await bob.call('media.consume', { room, transportId: recv.transportId, producerId });
  const media = t.media.room(room);
  const peerId = [...media.producers.values()][0]!.peerId;
  ada.link.take();
  bob.link.take();
  return { ada, bob, media, peerId, producerId, consumerId, send, recv };
}

const snapshotOf = async (t: TestSignaling) => {
  const client = await t.connect({ identity: 'late' });
  return client.call('room.join', { room });
};

test('a producer that closes is told to everyone, and to each who receives it that the consumer ended', async () => {
  const t = startSignaling();
  const { ada, bob, peerId, producerId, consumerId } = await startCall(t);
  await ada.call('media.closeProducer', { room, producerId });
  const closed = { name: 'producerClosed', payload: { room, peerId, producerId } };
  expect(ada.link.take()).toEqual([closed]);
  expect(bob.link.take()).toEqual([closed, { name: 'consumerClosed', payload: { room, consumerId, reason: 'ended' } }]);
});

test('who leaves takes its producers along: its receivers are told of their consumers, everyone of the leave', async () => {
  const t = startSignaling();
  const { ada, bob, media, consumerId } = await startCall(t);
  await ada.call('room.leave', { room });
  await t.turns.end();
  expect(bob.link.take()).toMatchObject([
    { name: 'consumerClosed', payload: { consumerId } },
    { name: 'peersLeft', payload: { peers: [{ name: 'ada', reason: 'left' }] } },
  ]);
  expect([media.transports.size, media.producers.size, media.consumers.size]).toEqual([1, 0, 0]);
});

test('a transport that fails is told to its owner alone, and what was on it to whom it concerns', async () => {
  const t = startSignaling();
  const { ada, bob, media, producerId, consumerId, send, recv } = await startCall(t);
  media.failTransport(send.transportId);
  expect(ada.link.take()).toMatchObject([
    { name: 'transportClosed', payload: { room, transportId: send.transportId } },
    { name: 'producerClosed', payload: { producerId } },
  ]);
  expect(bob.link.take()).toMatchObject([
    { name: 'producerClosed', payload: { producerId } },
    { name: 'consumerClosed', payload: { consumerId } },
  ]);
  media.failTransport(recv.transportId);
  expect(ada.link.take()).toEqual([]);
  expect(bob.link.names()).toEqual(['transportClosed']);
});

test('a reset is told to everyone, with those whose media is gone; producers are gone from the roster, and the epoch is in later snapshots', async () => {
  const t = startSignaling();
  const { ada, bob, media } = await startCall(t);
  const before = await snapshotOf(t);
  expect(before.peers.map((peer) => peer.producers.length)).toEqual([1, 0]);
  await t.turns.end();
  ada.link.take();
  bob.link.take();
  const peerIds = [...media.transports.values()].map((transport) => transport.peerId);
  media.reset();
  const payload = { room, mediaEpoch: 2, routerRtpCapabilities: t.media.rtpCapabilities, peerIds };
  for (const { link } of [ada, bob]) expect(link.take()).toEqual([{ name: 'mediaReset', payload }]);
  const after = await (await t.connect({ identity: 'later' })).call('room.join', { room });
  expect(after.mediaEpoch).toBe(2);
  expect(after.peers.flatMap((peer) => peer.producers)).toEqual([]);
});

test('the active speaker is told to everyone and stands in snapshots until it leaves', async () => {
  const t = startSignaling();
  const { ada, bob, media, peerId } = await startCall(t);
  media.events.emit('activeSpeakerChanged', { peerId });
  for (const { link } of [ada, bob]) expect(link.of('activeSpeakerChanged')).toEqual([{ room, peerId }]);
  expect((await snapshotOf(t)).activeSpeakerPeerId).toBe(peerId);
  await ada.call('room.leave', { room });
  expect((await (await t.connect({ identity: 'later' })).call('room.join', { room })).activeSpeakerPeerId).toBe('');
  bob.link.take();
  media.events.emit('activeSpeakerChanged', { peerId: undefined });
  expect(bob.link.of('activeSpeakerChanged')).toEqual([{ room, peerId: '' }]);
});

test('what media says of a peer that has left is told to nobody', async () => {
  const t = startSignaling();
  const { ada, bob, media, peerId, producerId } = await startCall(t);
  const producer = media.producersOf(peerId)[0]!;
  await ada.call('room.leave', { room });
  await t.turns.end();
  bob.link.take();
  media.events.emit('producerAdded', { peerId, producer });
  media.events.emit('producerChanged', { peerId, producer });
  media.events.emit('producerClosed', { peerId, producerId });
  media.events.emit('consumerClosed', { peerId, consumerId: 'x', reason: 'ended' });
  media.events.emit('transportClosed', { peerId, transportId: 'x' });
  media.events.emit('consumerLayersChanged', { peerId, consumerId: 'x', spatialLayer: 0, temporalLayer: 0 });
  expect(bob.link.take()).toEqual([]);
});

test('a producer of somebody who has just joined is told behind the join', async () => {
  const t = startSignaling();
  const bob = await t.join({ identity: 'bob' });
  const ada = await t.connect({ identity: 'ada' });
  bob.link.take();
  await ada.call('room.join', { room });
  const { transportId } = await ada.call('media.createTransport', { room, direction: 'send' });
  await ada.call('media.produce', { ...track, transportId });
  expect(bob.link.take()).toMatchObject([
    { name: 'peersJoined', payload: { peers: [{ identity: 'ada', producers: [] }] } },
    { name: 'producerAdded', payload: { producer: { producerId: 'producer-2' } } },
  ]);
});

async function refresh(t: TestSignaling, client: TestClient, identity: string, can: ('join' | 'subscribe')[]) {
  await client.call('session.refresh', { token: t.verifier.issue({ identity, can }) });
}

test('a refresh that loses a publish grant closes what it was for', async () => {
  const t = startSignaling();
  const { ada, bob, producerId, consumerId } = await startCall(t);
  await refresh(t, ada, 'ada', ['join']);
  expect(ada.link.names()).toEqual(['producerClosed']);
  expect(bob.link.take()).toMatchObject([
    { name: 'producerClosed', payload: { producerId } },
    { name: 'consumerClosed', payload: { consumerId } },
  ]);
});

test('a refresh that loses subscribe closes the consumers and says so', async () => {
  const t = startSignaling();
  const { ada, bob, media, consumerId } = await startCall(t);
  await refresh(t, bob, 'bob', ['join']);
  expect(bob.link.take()).toEqual([{ name: 'consumerClosed', payload: { room, consumerId, reason: 'ended' } }]);
  expect(ada.link.take()).toEqual([]);
  expect(media.consumers.size).toBe(0);
});

test('a refresh that loses subscribe after a reset has nothing to say of what the reset ended', async () => {
  const t = startSignaling();
  const { bob, media } = await startCall(t);
  media.reset();
  bob.link.take();
  await refresh(t, bob, 'bob', ['join']);
  expect(bob.link.take()).toEqual([]);
});

test('a refresh that keeps subscribe keeps the consumers', async () => {
  const t = startSignaling();
  const { bob, media } = await startCall(t);
  await refresh(t, bob, 'bob', ['join', 'subscribe']);
  expect(bob.link.take()).toEqual([]);
  expect(media.consumers.size).toBe(1);
});

test('a reset that concerns everybody names nobody, and one that concerns nobody is not told', async () => {
  const t = startSignaling();
  const { ada, media, send, recv } = await startCall(t);
  media.reset();
  expect(ada.link.of('mediaReset')).toMatchObject([{ mediaEpoch: 2, peerIds: [] }]);
  expect([media.transports.has(send.transportId), media.transports.has(recv.transportId)]).toEqual([false, false]);
  ada.link.take();
  media.reset();
  expect(ada.link.take()).toEqual([]);
});

test('whose voices are heard is told to everyone, without those who have left', async () => {
  const t = startSignaling();
  const { ada, bob, media, peerId } = await startCall(t);
  media.events.emit('speakersChanged', { peerIds: [peerId, 'p_gone' as typeof peerId] });
  for (const { link } of [ada, bob]) expect(link.of('speakersChanged')).toEqual([{ room, peerIds: [peerId] }]);
});

test('which layer is wanted is told to the owner alone, and stands in its snapshot', async () => {
  const t = startSignaling();
  const { ada, bob, media, peerId, producerId } = await startCall(t);
  media.wantedLayers.set(producerId, 1);
  media.events.emit('layerWanted', { peerId, producerId, spatialLayer: 1 });
  expect(ada.link.take()).toEqual([{ name: 'producerLayerWanted', payload: { room, producerId, spatialLayer: 1 } }]);
  expect(bob.link.take()).toEqual([]);
  const resumed = t.open();
  ada.endpoint.closed();
  const { rooms } = await resumed.connect(t.verifier.issue({ identity: 'ada' }), ada);
  expect(rooms[0]?.ownProducers).toMatchObject([{ producerId, wantedLayer: 1 }]);
});
