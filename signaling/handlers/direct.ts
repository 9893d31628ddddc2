import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import type { HandlerParts } from './handler-parts.ts';

export function createDirectHandlers({ direct }: Pick<HandlerParts, 'direct'>): AreaHandlers<'direct', CallContext> {
  return {
    signal(request, { peer }) {
      direct.require(peer.room).signal(peer, request);
      return {};
    },

    report(request, { peer, log }) {
      const { generation, outcome, detail } = request;
      direct.require(peer.room).report(peer, request);
      log.debug({ room: peer.room.name, generation, outcome, detail }, 'direct way reported');
      return {};
    },
  };
}
