import type { Life } from '../../cluster/directory.ts';
import type { RoomId } from '../../core/ids.ts';
import type { RoomOptions } from '../room-options.ts';

/**
 * Which nodes the members of a room are on. `spread`: each on the one that it reached. `pinned`: all on the node that owns the
 * room. `regional`: on nodes of the region that the room was opened in.
 */
export type PlacementPolicy = 'spread' | 'pinned' | 'regional';

/** How a room is placed while it is open: as the first node in it said. */
export interface RoomPlacement {
  readonly placement: PlacementPolicy;
  readonly region: string;
}

/** What the nodes keep of an open room. */
export type KeptOptions = RoomOptions & RoomPlacement;

/** What decides where newcomers are served. */
export interface Placement {
  /** Of a room that nobody has open. */
  policyOf(room: RoomId): RoomPlacement;
  /**
   * Where somebody who wants into a room had better connect: the address of another node, which counts them as promised there
   * from now on. Undefined: here. `owner`: of a room that is open somewhere.
   */
  elsewhere(room: RoomPlacement & { readonly owner: Life | undefined }): string | undefined;
  /** Where clients reach a node that takes some; counted as promised there as well. */
  urlOf(life: Life): string | undefined;
  /** Some other node takes clients. */
  readonly canLeave: boolean;
  /** Where a client that has to leave this node had better go; empty: wherever the balancer leads it. */
  leave(): string;
}

/** A client that was sent on so often for one room is served where it is: what is known of other nodes may be old. */
export const maxHops = 2;

/** What a node of an older version did not write is as by default. */
export function readKept(text: string): KeptOptions {
  return { placement: 'spread', region: '', ...(JSON.parse(text) as RoomOptions) };
}
