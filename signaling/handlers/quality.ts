import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';

/** An answer with thousands of peers would be larger than a reader takes at once; those in trouble are what is asked for. */
const maxPeersToldOf = 200;

export const qualityHandlers: AreaHandlers<'quality', CallContext> = {
  report({ tracks, path }, { peer }) {
    peer.room.media.reportQuality(peer.id, { tracks, path });
    return {};
  },

  get(_, { peer }) {
    const { media, roster } = peer.room;
    const there = media.quality().filter(({ peerId, score }) => score > 0 && roster.get(peerId) !== undefined);
    return { peers: there.sort((one, other) => one.score - other.score).slice(0, maxPeersToldOf) };
  },
};
