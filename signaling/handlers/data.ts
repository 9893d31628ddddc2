import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import { requireGrant } from '../grants.ts';

export const dataHandlers: AreaHandlers<'data', CallContext> = {
  async open({ sendTransportId, recvTransportId }, { peer }) {
    if (sendTransportId !== '') requireGrant(peer.grants, 'publish:data');
    if (recvTransportId !== '') requireGrant(peer.grants, 'subscribe');
    return peer.room.media.openData(peer.id, {
      sendTransportId: sendTransportId || undefined,
      recvTransportId: recvTransportId || undefined,
    });
  },
};
