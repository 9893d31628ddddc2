import { AppError } from '../../core/errors.ts';
import type { RoomId, SessionId } from '../../core/ids.ts';
import type { AreaHandlers } from '../../core/rpc.ts';
import type { ConnectResponse, Unread } from '../../proto/gen/types.ts';
import type { CallContext } from '../call.ts';
import type { Takeovers } from '../cluster/takeovers.ts';
import type { Timelines } from '../log/timelines.ts';
import type { Peer } from '../peer.ts';
import { toRoomSnapshot } from '../room-snapshot.ts';
import { RosterBudget } from '../roster-budget.ts';
import type { Session } from '../session.ts';
import type { Sessions } from '../sessions.ts';
import type { SignalingOptions } from '../signaling-options.ts';
import type { StoreNews } from '../store-news.ts';
import type { Claims, TokenVerifier } from '../token-verifier.ts';

interface SessionHandlerParts {
  readonly sessions: Sessions;
  readonly verifier: TokenVerifier;
  readonly options: SignalingOptions;
  readonly timelines: Timelines;
  /** Undefined: there are no other nodes. */
  readonly takeovers?: Takeovers | undefined;
  readonly storeNews?: Pick<StoreNews, 'state'> | undefined;
}

export function createSessionHandlers(parts: SessionHandlerParts): AreaHandlers<'session', CallContext> {
  const { sessions, verifier, options, timelines, takeovers, storeNews } = parts;

  /** A store that fails keeps nobody from coming back: what was counted before holds. */
  async function loadUnreadOf(peers: readonly Peer[], { identity }: Claims): Promise<Map<RoomId, Unread>> {
    const load = async ({ room: { name: room }, unread: known }: Peer) =>
      [room, await timelines.unread.load({ room, identity, known })] as const;
    return new Map(await Promise.all(peers.map(load)).catch(() => []));
  }

  return {
    async connect({ token, resume, client }, { connection, signal, log }) {
      if (resume && sessions.has(resume.sessionId)) sessions.requireResumable();
      else sessions.requireOpen();
      connection.startConnecting();
      try {
        const claims = await verifier.verify(requireToken(token, connection.upgradeToken));
        // Another node had it: a session that is in this one's rooms already goes on as always.
        const findLeftBehind = () => takeovers && resume && sessions.findLeftBehind(resume, claims.identity);
        const isElsewhere = resume && (!sessions.has(resume.sessionId) || findLeftBehind() !== undefined);
        const elsewhere = isElsewhere && (await takeovers?.load(resume, claims));
        const unread = resume
          ? await loadUnreadOf(sessions.peersOf(resume.sessionId, claims.identity), claims)
          : undefined;
        // Nobody may wait any more: a session for nobody would stay until its grace period is over.
        signal.throwIfAborted();
        // From here to the answer nothing is waited for, so its snapshots and the events after them fit together.
        if (elsewhere) findLeftBehind()?.end('closed');
        const session =
          resume && elsewhere
            ? sessions.start(claims, connection, resume.sessionId as SessionId)
            : resume
              ? sessions.resume(resume, claims, connection)
              : sessions.start(claims, connection);
        connection.connected(session);
        if (elsewhere) takeovers?.goOn(session, elsewhere);
        for (const peer of session.peers) {
          const fetched = unread?.get(peer.room.name);
          // A marker that moved meanwhile came with a count of its own.
          if (fetched !== undefined && fetched.readSeq >= peer.unread.readSeq) peer.unread = fetched;
        }
        if (client) log.debug({ sessionId: session.id, client }, 'client said what it is');
        return {
          ...toConnectResponse(session, resume !== undefined, options),
          ...(storeNews && { store: storeNews.state }),
        };
      } catch (error) {
        connection.connectFailed();
        throw error;
      }
    },

    async refresh({ token }, { session, signal }) {
      const claims = await verifier.verify(token);
      signal.throwIfAborted();
      session.refresh(claims);
      return { expiresAtMs: claims.expiresAtMs };
    },

    ping: ({ payload }) => ({ payload }),
  };
}

function requireToken(token: string, upgradeToken: string | undefined): string {
  const best = token || upgradeToken;
  if (!best) throw new AppError('TOKEN_MISSING');
  return best;
}

function toConnectResponse(session: Session, resumed: boolean, options: SignalingOptions): ConnectResponse {
  const budget = new RosterBudget();
  return {
    sessionId: session.id,
    resumeSecret: session.secret.current,
    resumed,
    identity: session.identity,
    name: session.name,
    expiresAtMs: session.expiresAtMs,
    pingIntervalMs: options.sessions.pingIntervalMs,
    resumeGraceMs: options.sessions.resumeGraceMs,
    maxFrameBytes: options.maxFrameBytes,
    serverVersion: options.serverVersion,
    rooms: [...session.peers].map((peer) => toRoomSnapshot(peer, budget)),
  };
}
