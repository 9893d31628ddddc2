interface InRoom {
  readonly room: { readonly name: string };
}

/** The peers of one session, by their room. Most sessions are in one room: a map would be most of what they take. */
export class SessionPeers<Peer extends InRoom> implements Iterable<Peer> {
  #first: Peer | undefined;
  #others: Map<string, Peer> | undefined;

  get size(): number {
    return (this.#first === undefined ? 0 : 1) + (this.#others?.size ?? 0);
  }

  get(room: string): Peer | undefined {
    return this.#first?.room.name === room ? this.#first : this.#others?.get(room);
  }

  has(room: string): boolean {
    return this.get(room) !== undefined;
  }

  /** The session must have none in that room. */
  add(peer: Peer): void {
    if (this.size === 0) {
      this.#first = peer;
      return;
    }
    this.#others ??= new Map();
    this.#others.set(peer.room.name, peer);
  }

  delete({ room }: Peer): void {
    if (this.#first?.room.name === room.name) this.#first = undefined;
    else this.#others?.delete(room.name);
  }

  /** Those that are added or deleted meanwhile make no difference. */
  *[Symbol.iterator](): Iterator<Peer> {
    const others = [...(this.#others?.values() ?? [])];
    if (this.#first !== undefined) yield this.#first;
    yield* others;
  }
}
