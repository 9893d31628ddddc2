import type { AreaHandlers } from '../../core/rpc.ts';
import { checkCandidate } from '../../media/sdp/ice-values.ts';
import type { CallContext } from '../call.ts';
import type { Peer } from '../peer.ts';
import { PublishSession } from '../sdp/publish-session.ts';
import { SubscribeSession } from '../sdp/subscribe-session.ts';
import type { HandlerParts } from './handler-parts.ts';

export function createSdpHandlers({
  iceServersFor,
  sdp,
}: Pick<HandlerParts, 'iceServersFor' | 'sdp'>): AreaHandlers<'sdp', CallContext> {
  const iceServersOf = ({ identity }: Peer) => iceServersFor(identity).iceServers;

  return {
    publish: ({ sessionId, ...request }, { peer, signal }) =>
      sdp.counting(async () => {
        const sessions = sdp.of(peer);
        if (sessionId !== '') {
          const answered = await sessions.require(sessionId, 'publish').negotiate(request);
          return { sessionId, ...answered, iceServers: iceServersOf(peer) };
        }
        const { session, ...answered } = await PublishSession.open(peer, request, { takesData: true });
        sessions.add(session);
        // Nobody knows of it: see handlers/media.ts.
        if (signal.aborted) sessions.close(session);
        signal.throwIfAborted();
        return { sessionId: session.id, ...answered, iceServers: iceServersOf(peer) };
      }),

    subscribe: ({ capabilities, auto, producerIds, data }, { peer, signal, log }) =>
      sdp.counting(async () => {
        const { room } = peer;
        const sessions = sdp.of(peer);
        const { session, offered } = await SubscribeSession.open(
          {
            peer,
            clock: sdp.clock,
            log,
            data,
            onOffer: (next) => room.send(peer, 'sdpOffer', { room: room.name, offered: { ...next, iceServers: [] } }),
            onUnanswered: (unanswered) => sessions.end(unanswered, 'unanswered'),
          },
          { capabilities, auto, producerIds },
        );
        sessions.add(session);
        if (signal.aborted) sessions.close(session);
        signal.throwIfAborted();
        return { ...offered, iceServers: iceServersOf(peer) };
      }),

    select({ sessionId, auto, producerIds }, { peer }) {
      sdp.of(peer).require(sessionId, 'subscribe').select({ auto, producerIds });
      return {};
    },

    answer: ({ sessionId, version, answer }, { peer }) =>
      sdp.counting(async () => {
        await sdp.of(peer).require(sessionId, 'subscribe').answer(version, answer);
        return {};
      }),

    trickle: ({ sessionId, candidate }, { peer }) =>
      sdp.counting(() => {
        sdp.of(peer).requireAny(sessionId);
        if (candidate !== '') checkCandidate(candidate);
        return {};
      }),

    async restartIce({ sessionId }, { peer }) {
      const offered = await sdp.of(peer).require(sessionId, 'subscribe').restartIce();
      return { ...offered, iceServers: iceServersOf(peer) };
    },

    close({ sessionId }, { peer }) {
      const sessions = sdp.of(peer);
      sessions.close(sessions.requireAny(sessionId));
      return {};
    },
  };
}
