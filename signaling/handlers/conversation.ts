import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import type { People } from '../people/people.ts';

/** What people do besides sending: a part of the area `chat`. */
export type ConversationHandlers = Pick<
  AreaHandlers<'chat', CallContext>,
  'mark' | 'listMarkers' | 'setTyping' | 'openDirect' | 'listDirects'
>;

export function createConversationHandlers({ people }: { people: People }): ConversationHandlers {
  return {
    mark: async (request, { peer }) => ({ unread: await people.inRoomOf(peer).markers.mark(peer, request) }),

    listMarkers: async (_request, { peer }) => ({ markers: await people.inRoomOf(peer).markers.list() }),

    setTyping({ typing }, { peer }) {
      const { writing, typing: writers } = people.inRoomOf(peer);
      if (typing) writing.requireNotMuted(peer);
      writers.set(peer, typing);
      return {};
    },

    openDirect: async ({ identity }, { session }) => ({ room: await people.directs.open(session, identity) }),

    listDirects: async ({ limit }, { session }) => ({ directs: await people.directs.list(session, limit) }),
  };
}
