// What happens in a room's media, told to its peers.

import type { Room } from './room.ts';

/** Media may speak of a peer that has just left: nobody is told of that. */
export function forwardMediaEvents(room: Room): void {
  const { name, roster } = room;
  const { events } = room.media;

  // The owner has the answer to its call instead.
  events.on('producerAdded', ({ peerId, producer }) => {
    const owner = roster.get(peerId);
    if (owner) room.broadcast('producerAdded', { room: name, peerId, producer }, owner);
  });
  events.on('producerChanged', ({ peerId, producer }) => {
    if (roster.get(peerId)) room.broadcast('producerChanged', { room: name, peerId, producer });
  });
  events.on('producerClosed', ({ peerId, producerId }) => {
    if (roster.get(peerId)) room.broadcast('producerClosed', { room: name, peerId, producerId });
  });
  events.on('activeSpeakerChanged', ({ peerId }) => {
    room.activeSpeaker = peerId === undefined ? undefined : roster.get(peerId);
    room.broadcast('activeSpeakerChanged', { room: name, peerId: room.activeSpeaker?.id ?? '' });
  });

  // These concern one peer and things that it was told of long ago, so they do not hurry the roster.
  events.on('consumerClosed', ({ peerId, consumerId }) => {
    const owner = roster.get(peerId);
    owner?.removeConsumer(consumerId);
    if (owner) room.send(owner, 'consumerClosed', { room: name, consumerId });
  });
  events.on('consumerLayersChanged', ({ peerId, ...layers }) => {
    const owner = roster.get(peerId);
    if (owner) room.send(owner, 'consumerLayersChanged', { room: name, ...layers });
  });
  events.on('transportClosed', ({ peerId, transportId }) => {
    const owner = roster.get(peerId);
    if (owner) room.send(owner, 'transportClosed', { room: name, transportId });
  });

  events.on('reset', ({ epoch }) => {
    room.activeSpeaker = undefined;
    for (const peer of roster.members) peer.removeConsumers();
    room.broadcast('mediaReset', {
      room: name,
      mediaEpoch: epoch,
      routerRtpCapabilities: room.rtpCapabilities,
    });
  });
}
