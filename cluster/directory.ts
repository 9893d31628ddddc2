// Port: which nodes live, which of them are in a room, which of those owns it, and where people are connected.
// Everything that fails does so with StoreError, `away` where nothing was done.

import type { Listening } from '../core/events.ts';

/** `<name of the node>~<12 random>`: one life of a node. After others took it for dead it begins another. */
export type Life = string;

/** What a node says of itself. Others know it as of its last beat. */
export interface NodeInfo {
  readonly name: string;
  readonly region: string;
  /** Where clients reach this node and no other; empty: only through a balancer. */
  readonly publicUrl: string;
  /** `host:port` of node-to-node requests; empty: none are taken. */
  readonly rpcAddress: string;
  /** The IP address that media of other nodes is sent to. */
  readonly pipeAddress: string;
  readonly version: string;
  readonly ready: boolean;
  readonly draining: boolean;
  readonly cores: number;
  /** How much of it is in use, from 0 to 1. */
  readonly load: number;
  /** What newcomers will take of it who do not show in `load` yet. */
  readonly promised: number;
  readonly rooms: number;
  readonly peers: number;
}

/**
 * `alone`: there is nobody else, and will not be. `away`: no beat was answered for a lease. `isolated`: and others have
 * theirs answered.
 */
export type LeaseState = 'alone' | 'up' | 'away' | 'isolated';

export interface LeaseEvents {
  /** Emitted when a node is seen for the first time, with a lease that has not run out. */
  came: { readonly life: Life; readonly info: NodeInfo };
  changed: { readonly life: Life; readonly info: NodeInfo };
  /** Emitted once for each life, when it was buried: it never beats again. */
  died: { readonly life: Life };
  /** Emitted when others took this node for dead: it goes on as another one, in no room. */
  reborn: { readonly before: Life; readonly life: Life };
  stateChanged: { readonly state: LeaseState };
  /** Emitted when what the nodes share is empty, or an older copy: everything is to be said again. */
  reset: Record<never, never>;
}

export interface NodeLeases {
  /** Of this node, now. */
  readonly life: Life;
  /** Those that are not buried, as last read, without this node. */
  readonly others: ReadonlyMap<Life, NodeInfo>;
  readonly state: LeaseState;
  /** Whether that life was buried, as far as is known; also before this node began, of which nothing is emitted. */
  isDead(life: Life): boolean;
  readonly events: Listening<LeaseEvents>;
  /** Resolves after the first beat; `info` is asked for at each. */
  start(info: () => NodeInfo): Promise<void>;
  /** On purpose: dead at once, without waiting for the lease. */
  end(): Promise<void>;
}

/** A room as the nodes share it. */
export interface RoomPlace {
  readonly owner: Life;
  /** Grows with each owner, also over times when nobody was in the room: what was written in a lower one is too late. */
  readonly term: number;
  /** Those of the first that entered. */
  readonly options: string;
  /** What the owner keeps for the next one; empty until it does. */
  readonly control: string;
  /** Those that are in the room. */
  readonly nodes: readonly Life[];
}

/** What a node knows of a room already, for a directory that does not any more. */
export type SeenOwner = Pick<RoomPlace, 'owner' | 'term'>;

export interface RoomOwnerEvents {
  /** Emitted to the nodes in the room. May be lost, and may come late: the highest term holds. */
  ownerChanged: { readonly room: string; readonly place: RoomPlace };
}

export interface RoomOwners {
  /** Of a room that this node need not be in; undefined: nobody has it open. */
  find(room: string): Promise<RoomPlace | undefined>;
  /** This node is in the room; who is the first owns it, and its options hold. Again: nothing changes. */
  enter(room: string, options: string, seen?: SeenOwner): Promise<RoomPlace>;
  /** Ownership goes to another node in the room, if there is one. */
  leave(room: string): Promise<void>;
  /** Becomes the owner, with the next term, if the term is still this one. Answers with what holds. */
  claim(room: string, seenTerm: number): Promise<RoomPlace>;
  /** At most 64 KB. */
  keepControl(room: string, term: number, control: string): Promise<'kept' | 'not-owner'>;
  /** What {@link leave} does, for a node that is dead. */
  drop(room: string, dead: Life): Promise<void>;
  readonly events: Listening<RoomOwnerEvents>;
}

/** Where somebody has sessions. */
export interface UserPlaces {
  /** The first session of an identity on this node. Told a moment later. */
  came(identity: string): void;
  /** The last one of them is gone. */
  left(identity: string): void;
  /** Nodes that live, this one among them. Whom nobody knows is left out. */
  whereAre(identities: readonly string[]): Promise<ReadonlyMap<string, readonly Life[]>>;
}

/** Where somebody has phones that are registered. */
export interface PhonePlaces {
  /**
   * All phones of an identity on this node, and until when each is there, in milliseconds since 1970; none: the last one is gone. After
   * that time they are gone without a word. Told a moment later.
   */
  publish(identity: string, contacts: readonly { readonly untilMs: number }[]): void;
  /** Nodes that live, this one among them. Whom nobody knows is left out. */
  whereAre(identities: readonly string[]): Promise<ReadonlyMap<string, readonly Life[]>>;
}

/** What one node has told last of what it counts. */
export interface Tally {
  readonly name: string;
  /** As far as is known. What it counted may hold all the same. */
  readonly living: boolean;
  readonly text: string;
}

/** Each node reads it from every other one each time. */
export const maxTallyBytes = 64 * 1024;

/** Counts that hold for all nodes together: each tells its own, and adds up. */
export interface Tallies {
  /** In place of what this node told before. Answers with what all others have told within two days. More than {@link maxTallyBytes} is not told. */
  tell(text: string): Promise<readonly Tally[]>;
}

export interface Directory {
  readonly nodes: NodeLeases;
  readonly rooms: RoomOwners;
  readonly users: UserPlaces;
  readonly phones: PhonePlaces;
  /** Where the calls are that somebody is in or is rung for. */
  readonly calls: PhonePlaces;
  readonly tallies: Tallies;
  close(): Promise<void>;
}
