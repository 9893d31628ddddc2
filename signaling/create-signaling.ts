// Puts the rules together: rooms, sessions, chat, and the two edges that clients come in by.

import type { RoomLog } from '../cluster/room-log.ts';
import type { Clock } from '../core/clock.ts';
import { Deadlines } from '../core/deadlines.ts';
import { AppError } from '../core/errors.ts';
import { parseRoomId } from '../core/ids.ts';
import type { Logger } from '../core/log.ts';
import type { Media } from '../media/media.ts';
import type { Recorder } from '../media/recorder.ts';
import { createCalls } from './calls/create-calls.ts';
import type { Telephony } from './calls/telephony.ts';
import { Chat } from './chat.ts';
import type { ClientLink } from './client-link.ts';
import type { ClusterParts } from './cluster/cluster-context.ts';
import { noClusterCounts } from './cluster/cluster-counts.ts';
import { noCluster } from './cluster/cluster-link.ts';
import { ClusterRooms, type ClusterStats } from './cluster/cluster-rooms.ts';
import { Frames } from './cluster/frames.ts';
import { Moves } from './cluster/moves.ts';
import { Takeovers } from './cluster/takeovers.ts';
import { ticketOf } from './cluster/tickets.ts';
import { type TellUsers, UserMessages } from './cluster/user-messages.ts';
import { Connection } from './connection.ts';
import { type Defer, deferToNextTurn } from './defer.ts';
import { DirectCalls, type DirectStats } from './direct/direct-calls.ts';
import { type CallObserver, createDispatch } from './dispatch.ts';
import type { ClientEndpoint, PlainChatEndpoint, PlainChatRequest, SignalingEdges } from './endpoints.ts';
import { requireGrant } from './grants.ts';
import { createContractHandlers } from './handlers/contract-handlers.ts';
import { type IceServersFor, noIceServers } from './ice-servers.ts';
import type { IngestEdge, IngestMode } from './ingest/ingest-edge.ts';
import { IngestSessions } from './ingest/ingest-sessions.ts';
import type { GapCounts } from './log/gap-counts.ts';
import type { LogCounts } from './log/log-counts.ts';
import { Timelines } from './log/timelines.ts';
import type { LeaveReason, Peer } from './peer.ts';
import { tellSessions } from './people/mentions.ts';
import { People } from './people/people.ts';
import type { PhoneCalls, PhoneDesk } from './phones/phone-desk.ts';
import { identifyPlainChat } from './plain-chat-identity.ts';
import { type PlainChatParts, PlainChatPeer } from './plain-chat-peer.ts';
import { readPlainChatQuery } from './plain-chat-query.ts';
import { Recordings } from './recording/recordings.ts';
import { staggeredRetryMs } from './retry-stagger.ts';
import { Rooms } from './rooms.ts';
import { SdpEdge, type SdpStats } from './sdp/sdp-edge.ts';
import { Sessions } from './sessions.ts';
import { sharingGrants } from './shared-grants.ts';
import type { SignalingOptions } from './signaling-options.ts';
import { StoreNews } from './store-news.ts';
import type { TokenVerifier } from './token-verifier.ts';

export interface SignalingParts {
  readonly media: Pick<Media, 'openRoom' | 'rtpCapabilities'>;
  readonly verifier: TokenVerifier;
  /** Stays open: it is its owner's. */
  readonly roomLog: RoomLog;
  /** What this node shares with others; none by default. Stays open: it is its owner's. */
  readonly cluster?: ClusterParts | undefined;
  /** None by default. */
  readonly iceServersFor?: IceServersFor;
  /** Undefined: there are no phones. */
  readonly telephony?: Telephony | undefined;
  /** Undefined: nothing is recorded. */
  readonly recorder?: Recorder | undefined;
  readonly options: SignalingOptions;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observeCall?: CallObserver;
  /** Told of each peer after it has left its room. */
  readonly observeLeave?: (
    peer: Pick<Peer, 'id' | 'identity' | 'kind' | 'phone' | 'owner'>,
    reason: LeaveReason,
  ) => void;
  readonly defer?: Defer;
}

export interface SignalingStats {
  /** `away`: the connection is lost and may come back. */
  readonly sessions: { readonly connected: number; readonly away: number };
  readonly rooms: number;
  /** In all rooms; a session has one in each room that it is in. */
  readonly peers: { readonly client: number; readonly chat: number; readonly phone: number };
  /** Calls between people that were started on this node. */
  readonly calls: number;
  /** Those among the peers that are there by WHIP and WHEP. */
  readonly ingest: Readonly<Record<IngestMode, number>>;
  readonly sdp: SdpStats;
  readonly direct: DirectStats;
  /** Chat messages taken since the start. */
  readonly messages: number;
  /** Appends that wait for the store, calls to it that failed since the start, and the logs that are open. */
  readonly log: { readonly pending: number; readonly failures: number; readonly open: number };
  /** What logs had to mend. */
  readonly logRepairs: LogCounts;
  /** How often a reader was told that records are lost to it, since the start, by reason. */
  readonly logGaps: Readonly<GapCounts>;
  /** Undefined: one node by itself. */
  readonly cluster?: ClusterStats;
}

export interface Signaling extends SignalingEdges {
  /** Where phones come into rooms. */
  readonly phoneDesk: PhoneDesk;
  /** For calls that come from phones. */
  readonly phoneCalls: PhoneCalls;
  /** For the HTTP routes of WHIP and WHEP. */
  readonly ingest: IngestEdge;
  /** Sends clients to other nodes; undefined: there are none. */
  readonly moves: Moves | undefined;
  stats(): SignalingStats;
  /**
   * Asks every client to come back later, each at a moment of its own, and closes its connection once its open calls are
   * answered. New sessions, calls and phones are refused with SERVER_DRAINING; calls of phones go on. Resolves when no connection,
   * phone and call is left and the log has everything that was appended; what is left after `deadlineMs` ends as it is. Draining twice is draining once.
   */
  drain(deadlineMs: number): Promise<void>;
  /** Ends every session and closes every room at once. The media stays open: it is its owner's. */
  close(): void;
}

export function createSignaling(parts: SignalingParts): Signaling {
  const { clock, log, media, options, defer = deferToNextTurn } = parts;
  const verifier = sharingGrants(parts.verifier);
  const { nodes } = parts.cluster?.directory ?? {};
  const timelines: Timelines = new Timelines({
    roomLog: parts.roomLog,
    clock,
    defer,
    log,
    retention: options.chat,
    onAppended: (timeline, records, elsewhere) => people.appended(timeline, records, elsewhere),
    ...(nodes && {
      duties: {
        owns: (room) => rooms.get(room)?.ties.isOwner ?? false,
        // Rooms that are not open here: of all nodes the first one.
        isFirst: () => [...nodes.others.keys()].every((life) => nodes.life < life),
      },
    }),
    isHere: nodes && ((origin) => origin === nodes.life),
  });
  const people = new People({
    timelines,
    options: options.chat,
    tellUsers: (identities, event) => {
      tellHere(identities, event);
      users?.tell(identities, event);
    },
    clock,
    log,
  });
  const { coalesceMs } = options.chat;
  const graceMs = options.sessions.resumeGraceMs;
  const counts = noClusterCounts();
  const frames = new Frames(parts.cluster?.name ?? '');
  const context = parts.cluster && { ...parts.cluster, frames, counts, graceMs, clock, defer, log };
  const cluster = context && new ClusterRooms(context);
  const tellHere: TellUsers = (identities, event) =>
    tellSessions((identity) => sessions.ofIdentity(identity), identities, event);
  const users =
    context &&
    new UserMessages({
      ...context,
      onHeard(identities, event, from) {
        const { call } = event;
        if (call === undefined) tellHere(identities, event);
        else for (const identity of identities) callParts.cluster?.heard(from, identity, call);
      },
    });
  const direct = new DirectCalls({ clock, log });
  const requireOpen = () => sessions.requireOpen();
  const rooms = new Rooms({
    media,
    timelines,
    rules: people,
    direct,
    cluster: cluster ?? noCluster,
    options: options.rooms,
    coalesceMs,
    clock,
    defer,
    log,
    onPeerLeft: parts.observeLeave,
    onMember: {
      joined: (room, member) => callParts.joined(room, member),
      left: (room, member, reason) => callParts.left(room, member, reason),
    },
  });
  const { secret = '' } = parts.cluster ?? {};
  const sessions = new Sessions({
    rooms,
    options: options.sessions,
    ...(cluster && { ticketOf: (session) => ticketOf(secret, session) }),
    users: parts.cluster?.directory.users,
    onCame: (session) => callParts.presence.sessionCame(session),
    onEnded: (session) => callParts.presence.sessionEnded(session),
    clock,
    defer,
    log,
  });
  const callParts = createCalls({
    timelines,
    people,
    rooms,
    sessions,
    tellUsers: users?.tell,
    cluster: parts.cluster,
    telephony: parts.telephony,
    options: options.calls,
    requireOpen,
    onEmpty: () => lookWhetherDrained(),
    clock,
    defer,
    log,
  });
  const storeNews = parts.cluster && new StoreNews({ roomLog: parts.roomLog, clock, sessions: () => sessions.all() });
  const takeovers = cluster && new Takeovers({ cluster, secret, rooms, counts: counts.takeovers, clock });
  const chat = new Chat({ rules: people, clock });
  const recordings = new Recordings({ recorder: parts.recorder, direct, clock, log });
  const { iceServersFor = noIceServers } = parts;
  const sdp = new SdpEdge({ clock, log, onUsed: (peer) => direct.usesSdp(peer) });
  const ingest = new IngestSessions({
    rooms,
    verifier,
    iceServersFor,
    options: options.ingest ?? { maxSessions: 200, whepMaxProfiles: 4 },
    requireOpen,
    clock,
    log,
  });
  const dispatch = createDispatch({
    handlers: createContractHandlers({
      sessions,
      rooms,
      chat,
      people,
      timelines,
      takeovers,
      storeNews,
      verifier,
      iceServersFor,
      sdp,
      recordings,
      direct,
      callDesk: callParts.desk,
      invitations: callParts.invitations,
      options,
      clock,
      log,
    }),
    clock,
    callTimeoutMs: options.sessions.callTimeoutMs,
    observeCall: parts.observeCall,
  });
  // Both are bounded by the gateway's connections.
  const connections = new Set<Connection>();
  const plainPeers = new Set<PlainChatPeer>();
  let draining: Promise<void> | undefined;
  let onDrained = () => {};
  /** Calls of phones may end by themselves until the deadline. */
  const lookWhetherDrained = () => {
    if (connections.size === 0 && callParts.phones.size === 0 && callParts.registry.size === 0) onDrained();
  };

  const moves =
    cluster &&
    new Moves({
      clients: [connections, plainPeers],
      chooseUrl: () => parts.cluster?.placement.leave() ?? '',
      canLeave: () => parts.cluster?.placement.canLeave ?? false,
      staggerMs: parts.cluster?.moveStaggerMs ?? 0,
      isUsed: () => rooms.hasAfterglow,
      clock,
      onChanged(isMoving) {
        sessions.setMoving(isMoving);
        cluster.setDraining(isMoving);
      },
    });

  const connectionParts = {
    connectTimeoutMs: options.sessions.connectTimeoutMs,
    dispatch(connection: Connection, method: string, params: unknown) {
      timelines.writer.look();
      return dispatch(connection, method, params);
    },
    clock,
    defer,
    log,
    onClosed(connection: Connection) {
      connections.delete(connection);
      lookWhetherDrained();
    },
  };

  function accept(link: ClientLink, upgradeToken: string | undefined): ClientEndpoint {
    const connection = new Connection(connectionParts, link, upgradeToken);
    connections.add(connection);
    if (draining !== undefined) connection.end('SERVER_DRAINING');
    return connection;
  }

  const plainChatParts: PlainChatParts = {
    rooms,
    chat,
    clock,
    expiries: new Deadlines(clock, (peer) => peer.expire()),
    onLeft: (peer) => plainPeers.delete(peer),
  };

  async function acceptPlainChat(link: ClientLink, request: PlainChatRequest): Promise<PlainChatEndpoint> {
    const query = readPlainChatQuery(request);
    sessions.requireOpen();
    const identity = await identifyPlainChat(query, { verifier, allowGuests: options.chat.allowGuests });
    sessions.requireOpen();
    const room = parseRoomId(query.room);
    if (room === undefined) throw new AppError('BAD_REQUEST', { field: 'room', problem: 'is not the name of a room' });
    requireGrant(identity.grants, 'join');
    const loaded = await rooms.load(room, identity.identity);
    sessions.requireOpen();
    const peer = new PlainChatPeer(plainChatParts, { link, room, loaded, identity });
    plainPeers.add(peer);
    return peer;
  }

  function startDraining(deadlineMs: number): Promise<void> {
    moves?.stop();
    cluster?.setDraining(true);
    sessions.drain();
    direct.drain();
    return new Promise((resolve) => {
      const deadline = clock.after(deadlineMs, () => {
        log.warn({ connections: connections.size }, 'draining took too long');
        close();
        resolve();
      });
      onDrained = () => {
        // What was called is answered; what the server itself appends may not be.
        void timelines.writer.whenIdle().then(() => {
          deadline.cancel();
          resolve();
        });
      };
      let index = 0;
      for (const client of [...connections, ...plainPeers]) client.drain(staggeredRetryMs(index++));
      lookWhetherDrained();
    });
  }

  function close(): void {
    moves?.stop();
    recordings.close();
    callParts.registry.endAll('cut-off');
    // First, so that nobody is told of the end of the others.
    for (const connection of [...connections]) connection.end('SERVER_DRAINING');
    sessions.close();
    rooms.close();
    cluster?.close();
    users?.close();
    storeNews?.close();
    people.close();
    callParts.close();
    timelines.close();
  }

  return {
    accept,
    acceptPlainChat,
    ingest,
    phoneDesk: callParts.phones,
    phoneCalls: callParts.calls,
    moves,
    drain: (deadlineMs) => (draining ??= startDraining(deadlineMs)),
    close,
    stats: () => ({
      sessions: { connected: sessions.connectedCount, away: sessions.awayCount },
      rooms: rooms.size,
      peers: {
        client: rooms.countPeers() - plainPeers.size - ingest.size - callParts.phones.size,
        chat: plainPeers.size,
        phone: callParts.phones.size,
      },
      calls: callParts.registry.size,
      ingest: ingest.count(),
      sdp: sdp.stats(),
      direct: direct.stats(),
      messages: chat.postedCount,
      log: { pending: timelines.writer.pending, failures: timelines.writer.failures, open: timelines.size },
      logGaps: { ...timelines.gaps },
      logRepairs: timelines.counts,
      ...(cluster && { cluster: cluster.stats() }),
    }),
  };
}
