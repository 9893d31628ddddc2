// What happens in a room's media, told to its peers.

import type { Room } from './room.ts';

/** Media may speak of a peer that has just left: nobody is told of that. */
export function forwardMediaEvents(room: Room): void {
  const { name, roster, locals } = room;
  const { events } = room.media;

  // The owner has the answer to its call instead.
  events.on('producerAdded', ({ peerId, producer, replaces }) => {
    const owner = locals.get(peerId);
    if (owner) room.ties.trackChanged(peerId, producer);
    const replacesProducerId = room.afterglow.replaced(peerId, producer) ?? replaces;
    const added = { room: name, peerId, producer, ...(replacesProducerId !== undefined && { replacesProducerId }) };
    if (roster.get(peerId)) room.broadcast('producerAdded', added, owner);
  });
  events.on('producerChanged', ({ peerId, producer }) => {
    if (locals.get(peerId)) room.ties.trackChanged(peerId, producer);
    if (roster.get(peerId)) room.broadcast('producerChanged', { room: name, peerId, producer });
  });
  events.on('producerClosed', ({ peerId, producerId }) => {
    if (locals.get(peerId)) room.ties.trackClosed(peerId, producerId);
    room.afterglow.closed(peerId, producerId);
    if (roster.get(peerId)) room.broadcast('producerClosed', { room: name, peerId, producerId });
  });
  events.on('activeSpeakerChanged', ({ peerId }) => {
    room.activeSpeaker = peerId === undefined ? undefined : roster.get(peerId);
    room.broadcast('activeSpeakerChanged', { room: name, peerId: room.activeSpeaker?.id ?? '' });
  });

  events.on('speakersChanged', ({ peerIds }) => {
    const there = peerIds.filter((peerId) => roster.get(peerId) !== undefined);
    room.broadcast('speakersChanged', { room: name, peerIds: there });
  });

  // These concern one peer and things that it was told of long ago, so they do not hurry the roster.
  events.on('consumerClosed', ({ peerId, consumerId, reason }) => {
    const owner = locals.get(peerId);
    owner?.removeConsumer(consumerId);
    if (owner) room.send(owner, 'consumerClosed', { room: name, consumerId, reason });
  });
  events.on('consumerLayersChanged', ({ peerId, ...layers }) => {
    const owner = locals.get(peerId);
    if (owner) room.send(owner, 'consumerLayersChanged', { room: name, ...layers });
  });
  events.on('layerWanted', ({ peerId, ...wanted }) => {
    const owner = locals.get(peerId);
    if (owner) room.send(owner, 'producerLayerWanted', { room: name, ...wanted });
  });
  events.on('transportClosed', ({ peerId, transportId }) => {
    const owner = locals.get(peerId);
    if (owner) room.send(owner, 'transportClosed', { room: name, transportId });
  });

  events.on('reset', ({ epoch, peerIds, producers }) => {
    for (const { peerId, producerId } of producers) {
      if (locals.get(peerId)) room.ties.trackClosed(peerId, producerId);
      // What it sends from the node where it is now does not go with it.
      else if (roster.get(peerId)) room.broadcast('producerClosed', { room: name, peerId, producerId });
      room.afterglow.closed(peerId, producerId);
    }
    const concerned = new Set(peerIds.filter((peerId) => locals.get(peerId) ?? !roster.get(peerId)));
    if (room.activeSpeaker && concerned.has(room.activeSpeaker.id)) room.activeSpeaker = undefined;
    for (const peerId of concerned) locals.get(peerId)?.removeConsumers();
    if (concerned.size === 0) return;
    const concernsAll = roster.members.every((peer) => concerned.has(peer.id));
    room.broadcast('mediaReset', {
      room: name,
      mediaEpoch: epoch,
      routerRtpCapabilities: room.rtpCapabilities,
      peerIds: concernsAll ? [] : [...concerned].filter((peerId) => roster.get(peerId) !== undefined),
    });
  });
}
