// Who is in a room, from what each node says of its own peers. Each speaks of its peers alone; where two speak of the same
// one, it went from one to the other, and the higher generation is where it is now.

import type { Life } from '../../cluster/directory.ts';
import type { PartPeer } from '../../proto/gen/node-types.ts';
import type { LeaveReason } from '../peer.ts';

/** A peer as one life says it is. */
export interface Standing {
  readonly life: Life;
  readonly entry: PartPeer;
}

/** Told of what follows, in order. Nothing is changed from within. */
export interface MembersListener {
  joined(now: Standing): void;
  /** It is called something else, or is away or back. */
  changed(now: Standing): void;
  /** The same peer, at another node: it never left. */
  moved(now: Standing, before: Standing): void;
  left(before: Standing, reason: LeaveReason): void;
}

interface Claim {
  readonly life: Life;
  readonly entry: PartPeer;
  /** Nobody speaks for it any more: it is away until somebody does. */
  readonly isOrphan: boolean;
}

/** Peers whose leave is remembered, so that an older word of them does not bring them back. */
const maxDeparted = 1_000;

export class MergedMembers {
  readonly #listener: MembersListener;
  /** By peer, then by life. */
  readonly #claims = new Map<string, Map<Life, Claim>>();
  readonly #standing = new Map<string, Standing>();
  /** The generation in which a peer left; the oldest first. */
  readonly #departed = new Map<string, number>();

  constructor(listener: MembersListener) {
    this.#listener = listener;
  }

  get(peerId: string): Standing | undefined {
    return this.#standing.get(peerId);
  }

  /** Who sends it. */
  findTrack(producerId: string): Standing | undefined {
    for (const standing of this.#standing.values()) {
      if (standing.entry.peer.producers.some((one) => one.producerId === producerId)) return standing;
    }
    return undefined;
  }

  values(): Iterable<Standing> {
    return this.#standing.values();
  }

  /** Those that a life spoke of last, orphans among them. */
  of(life: Life): PartPeer[] {
    return [...this.#claims.values()].flatMap((claims) => claims.get(life)?.entry ?? []);
  }

  /** Those that a life speaks of, whoever has them. */
  countOf(life: Life): number {
    let count = 0;
    for (const claims of this.#claims.values()) if (claims.get(life)?.isOrphan === false) count += 1;
    return count;
  }

  /** What a life says of a peer. */
  claimOf(life: Life, peerId: string): PartPeer | undefined {
    const claim = this.#claims.get(peerId)?.get(life);
    return claim?.isOrphan ? undefined : claim?.entry;
  }

  /** What a life says of a peer of its own. Of another person than is known it says nothing that counts. */
  put(life: Life, entry: PartPeer): void {
    const { peerId, identity } = entry.peer;
    const claims = this.#claims.get(peerId) ?? new Map<Life, Claim>();
    for (const other of claims.values()) if (other.entry.peer.identity !== identity) return;
    this.#claims.set(peerId, claims.set(life, { life, entry, isOrphan: false }));
    this.#settle(peerId, 'lost');
  }

  /** A life speaks for this peer no more, and nobody knows yet whether another one will. */
  orphan(life: Life, peerId: string): void {
    const claims = this.#claims.get(peerId);
    const claim = claims?.get(life);
    if (claims === undefined || claim === undefined) return;
    claims.set(life, { ...claim, isOrphan: true });
    this.#settle(peerId, 'lost');
  }

  isOrphan(life: Life, peerId: string): boolean {
    return this.#claims.get(peerId)?.get(life)?.isOrphan ?? false;
  }

  /** The peer left the room, as its own node says. Older words of it do not count any more. */
  leave(life: Life, peerId: string, reason: LeaveReason): void {
    const standing = this.#standing.get(peerId);
    if (standing?.life === life) this.#depart(peerId, standing.entry.generation);
    this.drop(life, peerId, reason);
  }

  /** Whatever this life said of a peer is forgotten. */
  drop(life: Life, peerId: string, reason: LeaveReason): void {
    const claims = this.#claims.get(peerId);
    if (!claims?.delete(life)) return;
    if (claims.size === 0) this.#claims.delete(peerId);
    this.#settle(peerId, reason);
  }

  #depart(peerId: string, generation: number): void {
    this.#departed.delete(peerId);
    this.#departed.set(peerId, generation);
    const [oldest] = this.#departed.keys();
    if (this.#departed.size > maxDeparted && oldest !== undefined) this.#departed.delete(oldest);
  }

  #settle(peerId: string, reason: LeaveReason): void {
    const before = this.#standing.get(peerId);
    const now = this.#choose(peerId);
    if (now === undefined) {
      if (before === undefined) return;
      this.#standing.delete(peerId);
      this.#listener.left(before, reason);
      return;
    }
    this.#standing.set(peerId, now);
    if (before === undefined) this.#listener.joined(now);
    else if (before.life !== now.life || before.entry.generation !== now.entry.generation)
      this.#listener.moved(now, before);
    else if (isOther(before.entry, now.entry)) this.#listener.changed(now);
  }

  #choose(peerId: string): Standing | undefined {
    let best: Claim | undefined;
    for (const claim of this.#claims.get(peerId)?.values() ?? []) {
      if (claim.entry.generation <= (this.#departed.get(peerId) ?? 0)) continue;
      if (best === undefined || isAbove(claim, best)) best = claim;
    }
    if (best === undefined) return undefined;
    const { life, entry, isOrphan } = best;
    return { life, entry: isOrphan ? { ...entry, peer: { ...entry.peer, away: true } } : entry };
  }
}

/** The higher generation; of one generation who is there before who may be dead, then the greater life: on all nodes the same. */
function isAbove(one: Claim, other: Claim): boolean {
  if (one.entry.generation !== other.entry.generation) return one.entry.generation > other.entry.generation;
  if (one.isOrphan !== other.isOrphan) return other.isOrphan;
  return one.life > other.life;
}

function isOther({ peer: one }: PartPeer, { peer: other }: PartPeer): boolean {
  return one.name !== other.name || one.metadata !== other.metadata || one.away !== other.away;
}
