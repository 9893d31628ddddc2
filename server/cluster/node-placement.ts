// Which node serves whoever wants into a room: the one that was reached, as a rule. What is known of the others is as of their
// last beats, so of two taken by chance the better one is chosen, and whom this node sent there since is counted.

import type { Life, NodeInfo, NodeLeases } from '../../cluster/directory.ts';
import type { Clock } from '../../core/clock.ts';
import type { RoomId } from '../../core/ids.ts';
import { costOf, usualBitsPerPicture } from '../../media/choose-place.ts';
import type { Placement, PlacementPolicy, RoomPlacement } from '../../signaling/cluster/placement.ts';
import type { Config } from '../config/schema.ts';
import { chooseNode, type KnownNode, readyNodes, takesClients } from './choose-node.ts';
import { PromisedJoins } from './promised-joins.ts';

/** So much less loaded another node must be, as a share: moving costs something as well. */
const minGain = 0.15;
/** In cores: somebody in a small call. */
const coresOfJoin = costOf({ sounds: 4, videoBitsPerSecond: 4 * usualBitsPerPicture, join: true });

interface NodePlacementParts {
  readonly nodes: NodeLeases;
  /** What this node would say of itself now. */
  readonly own: () => Pick<NodeInfo, 'region' | 'draining' | 'load' | 'promised'>;
  readonly options: Pick<Config['cluster'], 'placement' | 'pinnedRooms' | 'regionalRooms' | 'fullAt'>;
  readonly clock: Clock;
  readonly random?: () => number;
}

export class NodePlacement implements Placement {
  readonly #parts: NodePlacementParts;
  readonly #promised: PromisedJoins;

  constructor(parts: NodePlacementParts) {
    this.#parts = parts;
    this.#promised = new PromisedJoins(parts.clock);
    const { events } = parts.nodes;
    events.on('came', ({ life, info }) => this.#promised.told(life, info));
    events.on('changed', ({ life, info }) => this.#promised.told(life, info));
    events.on('died', ({ life }) => this.#promised.died(life));
  }

  policyOf(room: RoomId): RoomPlacement {
    return { placement: policyOf(room, this.#parts.options), region: this.#parts.own().region };
  }

  elsewhere({ placement, region, owner }: RoomPlacement & { readonly owner: Life | undefined }): string | undefined {
    const { nodes } = this.#parts;
    const own = this.#parts.own();
    if (placement === 'pinned') {
      if (owner === nodes.life && !own.draining) return undefined;
      const url = owner === undefined ? undefined : this.urlOf(owner);
      if (url !== undefined) return url;
    }
    const reachable = readyNodes(nodes).filter(isReachable);
    const allowed = placement === 'regional' ? reachable.filter(([, info]) => info.region === region) : reachable;
    const isAllowedHere = placement !== 'regional' || own.region === region;
    // Nobody of the region is there: better elsewhere than not at all.
    const chosen = this.#choose(allowed.length > 0 || !own.draining ? allowed : reachable);
    if (chosen === undefined) return undefined;
    if (own.draining || !isAllowedHere) return this.#send(chosen);
    const used = own.load + own.promised;
    const isFull = used >= this.#parts.options.fullAt && used - this.#weightOf(chosen) >= minGain;
    return isFull ? this.#send(chosen) : undefined;
  }

  urlOf(life: Life): string | undefined {
    const info = this.#parts.nodes.others.get(life);
    return info && isReachable([life, info]) ? this.#send([life, info]) : undefined;
  }

  get canLeave(): boolean {
    return readyNodes(this.#parts.nodes).length > 0;
  }

  leave(): string {
    const chosen = this.#choose(readyNodes(this.#parts.nodes).filter(isReachable));
    return chosen === undefined ? '' : this.#send(chosen);
  }

  #choose(nodes: readonly KnownNode[]): KnownNode | undefined {
    return chooseNode(nodes, (node) => this.#weightOf(node), this.#parts.random);
  }

  #weightOf([life, { load, promised, cores }]: KnownNode): number {
    return load + promised + (this.#promised.countOf(life) * coresOfJoin) / Math.max(cores, 1);
  }

  #send([life, { publicUrl }]: KnownNode): string {
    this.#promised.add(life);
    return publicUrl;
  }
}

const isReachable = ([, info]: KnownNode): boolean => takesClients(info) && info.publicUrl !== '';

/** A room in both lists is pinned. */
function policyOf(
  room: string,
  { placement, pinnedRooms, regionalRooms }: NodePlacementParts['options'],
): PlacementPolicy {
  if (pinnedRooms.some((pattern) => covers(pattern, room))) return 'pinned';
  if (regionalRooms.some((pattern) => covers(pattern, room))) return 'regional';
  return placement;
}

/** As in tokens: a name, or how it begins with `*` behind. */
function covers(pattern: string, room: string): boolean {
  return pattern.endsWith('*') ? room.startsWith(pattern.slice(0, -1)) : pattern === room;
}
