import type { PeerId } from '../core/ids.ts';
import type { TrackSource } from './media.ts';

/** `muted`: by a moderator, whose track it is may end it. `locked`: only a moderator may. */
export type Mute = 'none' | 'muted' | 'locked';

/** What a mute or a lock is of. */
export interface MutableTrack {
  readonly peerId: PeerId;
  readonly owner: string;
  readonly source: TrackSource;
}

/** Owners in one room with a lock; beyond that the one that was locked longest ago is free again. */
const maxLockedOwners = 1_000;

/** The sounds of one owner are locked together: a voice goes through either. */
const lockOf = {
  microphone: 'sound',
  'screen-audio': 'sound',
  camera: 'camera',
  screen: 'screen',
} as const satisfies Record<TrackSource, string>;

export type Lock = (typeof lockOf)[TrackSource];

/** What of somebody's is locked. */
export interface OwnerLocks {
  readonly owner: string;
  readonly locks: readonly Lock[];
}

/** What a lock of this track would be of. */
export function lockableOf({ owner, source }: MutableTrack): { readonly owner: string; readonly lock: Lock } {
  return { owner, lock: lockOf[source] };
}

/**
 * What moderators muted in a room, rather of whom than which producer: neither producing again nor a reset of the room's
 * media lifts it. Mutes are of a peer and go with it. Locks are of the owner, whichever and how many peers it has, and stay
 * until they are lifted, so that nobody gets rid of one by leaving and joining again.
 */
export class Mutes {
  readonly #maxLockedOwners: number;
  /** A peer has four sources at most, and is forgotten when it leaves. */
  readonly #muted = new Map<PeerId, Set<TrackSource>>();
  /** Who was locked longest ago comes first. */
  readonly #locked = new Map<string, Set<Lock>>();

  constructor(options: { maxLockedOwners?: number } = {}) {
    this.#maxLockedOwners = options.maxLockedOwners ?? maxLockedOwners;
  }

  get({ peerId, owner, source }: MutableTrack): Mute {
    if (this.#locked.get(owner)?.has(lockOf[source])) return 'locked';
    return this.#muted.get(peerId)?.has(source) ? 'muted' : 'none';
  }

  mute({ peerId, source }: MutableTrack): void {
    const sources = this.#muted.get(peerId) ?? new Set();
    this.#muted.set(peerId, sources.add(source));
  }

  unmute({ peerId, source }: MutableTrack): void {
    const sources = this.#muted.get(peerId);
    sources?.delete(source);
    if (sources?.size === 0) this.#muted.delete(peerId);
  }

  lock({ owner, source }: MutableTrack): void {
    const locks = this.#locked.get(owner) ?? new Set();
    this.#locked.delete(owner);
    this.#locked.set(owner, locks.add(lockOf[source]));
    const [longest] = this.#locked.keys();
    if (longest !== undefined && this.#locked.size > this.#maxLockedOwners) this.#locked.delete(longest);
  }

  /** What was muted besides stays muted. */
  unlock({ owner, source }: MutableTrack): void {
    const locks = this.#locked.get(owner);
    locks?.delete(lockOf[source]);
    if (locks?.size === 0) this.#locked.delete(owner);
  }

  /** These, and no others. */
  holdLocks(locks: readonly OwnerLocks[]): void {
    this.#locked.clear();
    for (const { owner, locks: its } of locks) this.#locked.set(owner, new Set(its));
  }

  /** Mutes of a peer that left. Its owner's locks stay. */
  forget(peerId: PeerId): void {
    this.#muted.delete(peerId);
  }
}

/** Whether a lock of the one is a lock of the other. */
export function sharesLock(one: MutableTrack, other: MutableTrack): boolean {
  return one.owner === other.owner && lockOf[one.source] === lockOf[other.source];
}
