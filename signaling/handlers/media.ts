import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import { publishGrantOf, requireGrant } from '../grants.ts';
import { unlessGone } from '../unless-gone.ts';
import type { HandlerParts } from './handler-parts.ts';
import { mediaViewHandlers } from './media-views.ts';
import { requireEncrypted } from './require-encrypted.ts';

// What a client is not told of it must not have: where an answer cannot be given any more, or the grant for it went while
// media was asked, what was made is closed again.

export function createMediaHandlers({
  iceServersFor,
}: Pick<HandlerParts, 'iceServersFor'>): AreaHandlers<'media', CallContext> {
  return {
    ...mediaViewHandlers,

    async createTransport({ direction, rtpCapabilities, data }, { peer }) {
      const transport = await peer.room.media.createTransport(peer.id, { direction, rtpCapabilities, data });
      const { iceServers, relayOnly } = iceServersFor(peer.identity);
      return { ...transport, iceServers, relayOnly };
    },

    closeTransport({ transportId }, { peer }) {
      for (const consumerId of peer.room.media.closeTransport(peer.id, transportId)) peer.removeConsumer(consumerId);
      return {};
    },

    getIceServers(_, { peer }) {
      return iceServersFor(peer.identity);
    },

    async connectTransport({ transportId, dtlsParameters }, { peer }) {
      await peer.room.media.connectTransport(peer.id, transportId, dtlsParameters);
      return {};
    },

    async restartIce({ transportId }, { peer }) {
      return { iceParameters: await peer.room.media.restartIce(peer.id, transportId) };
    },

    async produce(request, { peer, signal }) {
      const { transportId, kind, source, rtpParameters, paused, width, height, encrypted, replacesProducerId } =
        request;
      const { media } = peer.room;
      if (peer.room.e2ee) requireEncrypted({ encrypted, rtpParameters });
      requireGrant(peer.grants, publishGrantOf(source));
      const { producerId, muted, locked } = await media.produce(peer.id, {
        transportId,
        // Locks are of the person: leaving and joining again, or another device, does not lift them.
        owner: peer.identity,
        kind,
        source,
        rtpParameters,
        paused,
        size: width && height ? { width, height } : undefined,
        encrypted,
        replaces: replacesProducerId || undefined,
      });
      try {
        signal.throwIfAborted();
        requireGrant(peer.grants, publishGrantOf(source));
      } catch (error) {
        unlessGone(() => media.closeProducer(peer.id, producerId));
        throw error;
      }
      return { producerId, muted, locked };
    },

    async pauseProducer({ producerId }, { peer }) {
      await peer.room.media.pauseProducer(peer.id, producerId);
      return {};
    },

    async resumeProducer({ producerId }, { peer }) {
      await peer.room.media.resumeProducer(peer.id, producerId);
      return {};
    },

    closeProducer({ producerId }, { peer }) {
      peer.room.media.closeProducer(peer.id, producerId);
      return {};
    },

    async consume({ transportId, producerId, view }, { peer, signal }) {
      const { media } = peer.room;
      const consumer = await media.consume(peer.id, { transportId, producerId, view });
      try {
        signal.throwIfAborted();
        requireGrant(peer.grants, 'subscribe');
      } catch (error) {
        unlessGone(() => media.closeConsumer(peer.id, consumer.consumerId));
        throw error;
      }
      peer.addConsumer(consumer.consumerId);
      return consumer;
    },

    async pauseConsumer({ consumerId }, { peer }) {
      await peer.room.media.pauseConsumer(peer.id, consumerId);
      return {};
    },

    async resumeConsumer({ consumerId }, { peer }) {
      await peer.room.media.resumeConsumer(peer.id, consumerId);
      return {};
    },

    closeConsumer({ consumerId }, { peer }) {
      peer.room.media.closeConsumer(peer.id, consumerId);
      peer.removeConsumer(consumerId);
      return {};
    },

    async setPreferredLayers({ consumerId, spatialLayer, temporalLayer }, { peer }) {
      await peer.room.media.setPreferredLayers(peer.id, consumerId, { spatialLayer, temporalLayer });
      return {};
    },
  };
}
