import { AppError } from '../../core/errors.ts';
import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import { DataTransports } from '../data-transports.ts';
import { type Grants, requireGrant } from '../grants.ts';

export const dataHandlers: AreaHandlers<'data', CallContext> = {
  async open({ sendTransportId, recvTransportId }, { peer }) {
    // They go through this process as they are, and would be taken for part of what is encrypted.
    if (peer.room.e2ee) throw new AppError('E2EE_REFUSES', { what: 'data messages' });
    requireDataGrants(peer.grants, { sendTransportId, recvTransportId });
    const opened = await peer.room.media.openData(peer.id, {
      sendTransportId: sendTransportId || undefined,
      recvTransportId: recvTransportId || undefined,
    });
    const transports = DataTransports.of(peer);
    transports.opened({ sendTransportId, recvTransportId });
    // The grant for it may have gone while media was asked.
    transports.reviewed();
    requireDataGrants(peer.grants, { sendTransportId, recvTransportId });
    return opened;
  },
};

function requireDataGrants(
  grants: Grants,
  { sendTransportId, recvTransportId }: { sendTransportId: string; recvTransportId: string },
): void {
  if (sendTransportId !== '') requireGrant(grants, 'publish:data');
  if (recvTransportId !== '') requireGrant(grants, 'subscribe');
}
