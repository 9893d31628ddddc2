import { AppError } from '../../core/errors.ts';
import { mediaUnavailable } from '../unavailable.ts';
import type { NodeOutlets } from './node-outlets.ts';
import type { NodeTracks } from './node-tracks.ts';
import type { RemoteRoomTracks } from './remote-room-tracks.ts';

interface ServedRoom {
  readonly nodeOutlets: NodeOutlets | undefined;
  readonly remoteTracks: RemoteRoomTracks | undefined;
}

/** Answers other nodes: here `node` is the one that asks. */
export function serveNodes(findRoom: (name: string) => ServedRoom | undefined): NodeTracks {
  const gone = (pipeId: string) => new AppError('TRANSPORT_NOT_FOUND', { transportId: pipeId });
  return {
    async openPipe(node, request) {
      const outlets = findRoom(request.room)?.nodeOutlets;
      // Nobody is in the room here any more, so there is nothing to send.
      if (!outlets) throw mediaUnavailable();
      return outlets.openPipe(node, request);
    },
    async openTrack(node, request) {
      const outlets = findRoom(request.room)?.nodeOutlets;
      if (!outlets) throw gone(request.pipeId);
      return outlets.openTrack(node, request);
    },
    async closeTrack(node, request) {
      findRoom(request.room)?.nodeOutlets?.closeTrack(node, request);
    },
    /** It may be either end. */
    async closePipe(node, request) {
      const room = findRoom(request.room);
      room?.nodeOutlets?.closePipe(node, request);
      room?.remoteTracks?.pipeClosed(node, request.pipeId);
    },
  };
}
