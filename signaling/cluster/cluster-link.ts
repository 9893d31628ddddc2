import type { RoomId } from '../../core/ids.ts';
import type { Room } from '../room.ts';
import type { RoomOptions } from '../room-options.ts';
import { noTies, type RoomTies } from './room-ties.ts';

/** A room that this node may open: whoever else has it open knows of that, and what they say of it is known here. */
export interface EnteredRoom {
  /** How the room is, on all nodes; undefined: as whoever opens it wishes. */
  readonly options: RoomOptions | undefined;
  /** It was let go of, for nobody opened it in time: it is to be entered again. */
  readonly over: boolean;
  readonly ties: RoomTies;
  /** Where newcomers had better connect, as it turned out now that it is entered; undefined: here. */
  elsewhere(): string | undefined;
  /** The room is open from now on: it is told of the members on other nodes, and of its owners by `onOwnerChanged`. */
  opened(room: Room, onOwnerChanged: () => void): void;
}

/** What rooms need of the other nodes. */
export interface ClusterLink {
  /** Where somebody who wants into a room had better connect; undefined: here. `hops`: how often it was sent on for that. */
  elsewhere(room: RoomId, hops: number): Promise<string | undefined>;
  /**
   * Part of loading a room; at once for one that was entered already. `wished`: how it is to be when nobody has it open.
   * `evenDraining`: also while this node sends everybody to others.
   * @throws {StoreError | AppError} `away` or its like, SERVER_DRAINING, by rejection.
   */
  enter(room: RoomId, wished: RoomOptions, options?: { readonly evenDraining?: boolean }): Promise<EnteredRoom>;
}

const alone: EnteredRoom = { options: undefined, over: false, ties: noTies, elsewhere: () => undefined, opened() {} };

/** One node by itself. */
export const noCluster: ClusterLink = {
  elsewhere: () => Promise.resolve(undefined),
  enter: () => Promise.resolve(alone),
};
