import { type Answers, connectResponse } from './scripted-server.ts';
import { roomSnapshot } from './snapshots.ts';

/** A node that brings sessions of others back to all their rooms. */
export const scriptedNode: Answers = {
  'session.connect': ({ resume }) =>
    connectResponse({
      resumed: resume !== undefined,
      rooms: (resume?.rooms ?? []).map(({ room, peerId }) => roomSnapshot({ room, peerId, mediaEpoch: 77 })),
    }),
  'room.join': ({ room }) => roomSnapshot({ room, peerId: `peer in ${room}` }),
};
