import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import type { HandlerParts } from './handler-parts.ts';

export function createRecordingHandlers({
  recordings,
}: Pick<HandlerParts, 'recordings'>): AreaHandlers<'recording', CallContext> {
  return {
    start: ({ title, sources }, { peer }) => recordings.start(peer, { title, sources }),

    stop: ({ recordingId }, { peer }) => recordings.stop(peer, recordingId),

    list: ({ pageToken }, { peer }) => recordings.list(peer.room, pageToken),

    async delete({ recordingId }, { peer }) {
      await recordings.delete(peer, recordingId);
      return {};
    },
  };
}
