import type { CallOptions } from './calls/call-limits.ts';
import type { IngestOptions } from './ingest/ingest-edge.ts';

/** What is configured of rooms, sessions and chat. Every number is a bound; errors say when it is reached. */
export interface SignalingOptions {
  readonly rooms: {
    /** Rooms open at once on this node. */
    readonly maxRooms: number;
    /** Peers in one room; a room's own option may lower it. */
    readonly maxPeers: number;
    /** Peers of one identity in one room. */
    readonly maxPeersPerIdentity: number;
    /** How long a room stays open with nobody in it. */
    readonly idleTimeoutMs: number;
    /** Identities kept out of one room; the oldest is forgotten beyond that. */
    readonly maxRemovedIdentities: number;
    /** Whether two people who are alone may send to each other without the server, unless the room says otherwise. */
    readonly direct: 'never' | 'auto';
    /** Who may open a room whose tracks are end-to-end encrypted; always: every room is. */
    readonly e2ee: 'never' | 'moderators' | 'anybody' | 'always';
  };
  readonly sessions: {
    /** Sessions of one identity, the ones that are away among them. */
    readonly maxPerIdentity: number;
    /** Rooms that one session may be in. */
    readonly maxRooms: number;
    /** How long a session outlives a lost connection. */
    readonly resumeGraceMs: number;
    /** How long before its expiry a client is told to refresh its token. */
    readonly tokenWarningMs: number;
    /** Within this time session.connect must come. */
    readonly connectTimeoutMs: number;
    /** Calls without a policy timeout of their own. */
    readonly callTimeoutMs: number;
    /** What clients are told to ping at. */
    readonly pingIntervalMs: number;
  };
  readonly chat: {
    /** Plain chat connections without a token are let in. */
    readonly allowGuests: boolean;
    /** False: who comes and goes, and when there is a call, is not written into the logs. True by default. */
    readonly attendance?: boolean;
    /** How long somebody whose last connection is gone is not said to have left. */
    readonly presenceGraceMs: number;
    /** How long a call without tracks is not said to have ended. */
    readonly callEndGraceMs: number;
    /** Older records are forgotten; 0: never. A room's own settings may say less. */
    readonly retentionMs: number;
    /** Records beyond so many are forgotten, the oldest first; 0: none. A room's own settings may say less. */
    readonly retentionRecords: number;
    /** How long records of a large room may wait to share a frame. The first goes at once. */
    readonly coalesceMs: number;
  };
  /** As defaultCallOptions where they are left out. */
  readonly calls?: CallOptions;
  /** 200 sessions and 4 profiles by default. */
  readonly ingest?: IngestOptions;
  /** The largest frame that the gateway takes; told to clients. */
  readonly maxFrameBytes: number;
  readonly serverVersion: string;
}
