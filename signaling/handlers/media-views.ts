// What clients say of how they show tracks.

import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';

type ViewHandlers = Pick<AreaHandlers<'media', CallContext>, 'setConsumerView' | 'setProducerSize' | 'reportStall'>;

export const mediaViewHandlers: ViewHandlers = {
  setConsumerView({ consumerId, view }, { peer }) {
    peer.room.media.setConsumerView(peer.id, consumerId, view);
    return {};
  },

  setProducerSize({ producerId, width, height }, { peer }) {
    peer.room.media.setProducerSize(peer.id, producerId, { width, height });
    return {};
  },

  reportStall({ consumerId }, { peer }) {
    peer.room.media.reportStall(peer.id, consumerId);
    return {};
  },
};
