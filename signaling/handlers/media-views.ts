// What clients say of how they show tracks.

import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import { notServed } from './not-served.ts';

type ViewHandlers = Pick<AreaHandlers<'media', CallContext>, 'setConsumerView' | 'setProducerSize' | 'reportStall'>;

export const mediaViewHandlers: ViewHandlers = {
  setConsumerView: notServed('media.setConsumerView'),

  setProducerSize({ producerId, width, height }, { peer }) {
    peer.room.media.setProducerSize(peer.id, producerId, { width, height });
    return {};
  },

  reportStall: notServed('media.reportStall'),
};
