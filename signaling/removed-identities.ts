// Who is kept out of which room. It lives beside the rooms, so that it outlives their idle closing.

interface Bounds {
  /** Rooms that have such a list; beyond it the list that was added to longest ago is forgotten. */
  readonly maxRooms: number;
  /** Identities in one list; beyond it the one that was removed longest ago is forgotten. */
  readonly maxIdentitiesPerRoom: number;
}

export class RemovedIdentities {
  readonly #bounds: Bounds;
  /** Both levels in order of the last addition, oldest first. */
  readonly #byRoom = new Map<string, Set<string>>();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  add(room: string, identity: string): void {
    const identities = this.#byRoom.get(room) ?? new Set<string>();
    this.#byRoom.delete(room);
    this.#byRoom.set(room, identities);
    identities.delete(identity);
    identities.add(identity);
    forgetOldest(identities, this.#bounds.maxIdentitiesPerRoom);
    forgetOldest(this.#byRoom, this.#bounds.maxRooms);
  }

  /** Lets an identity in again. Answers whether it was kept out. */
  allow(room: string, identity: string): boolean {
    const identities = this.#byRoom.get(room);
    const wasRemoved = identities?.delete(identity) ?? false;
    if (identities?.size === 0) this.#byRoom.delete(room);
    return wasRemoved;
  }

  has(room: string, identity: string): boolean {
    return this.#byRoom.get(room)?.has(identity) ?? false;
  }

  /** In the order in which they were removed. */
  list(room: string): string[] {
    return [...(this.#byRoom.get(room) ?? [])];
  }
}

function forgetOldest(collection: Map<string, unknown> | Set<string>, max: number): void {
  for (const key of collection.keys()) {
    if (collection.size <= max) return;
    collection.delete(key);
  }
}
