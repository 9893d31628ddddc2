import type { Life, RoomPlace, SeenOwner } from '../directory.ts';

type Place = { -readonly [Key in keyof Omit<RoomPlace, 'nodes'>]: RoomPlace[Key] } & { readonly nodes: Set<Life> };

/** Which nodes are in which room, and who owns it. Each method is one step that nothing comes in between. */
export class MemoryOwners {
  readonly #places = new Map<string, Place>();
  /** The highest term that a room had when everybody had left it: somebody may still write in it. */
  #forgottenTerm = 0;

  get(room: string): RoomPlace | undefined {
    const place = this.#places.get(room);
    return place && { ...place, nodes: [...place.nodes] };
  }

  enter(room: string, life: Life, options: string, seen: SeenOwner | undefined): void {
    const known = this.#places.get(room);
    if (known === undefined) {
      const term = Math.max(seen?.term ?? 0, this.#forgottenTerm) + 1;
      this.#places.set(room, { owner: life, term, options, control: '', nodes: new Set([life]) });
      return;
    }
    // It is an older copy of what the nodes know.
    if (seen !== undefined && seen.term > known.term) Object.assign(known, seen);
    known.nodes.add(life);
  }

  /** Answers whether another one owns it now. */
  leave(room: string, life: Life): boolean {
    const place = this.#places.get(room);
    if (!place?.nodes.delete(life)) return false;
    const [next] = place.nodes;
    if (next === undefined) {
      this.#places.delete(room);
      this.#forgottenTerm = Math.max(this.#forgottenTerm, place.term);
    }
    if (next === undefined || place.owner !== life) return false;
    place.owner = next;
    place.term += 1;
    return true;
  }

  claim(room: string, life: Life, seenTerm: number): boolean {
    const place = this.#places.get(room);
    if (place?.term !== seenTerm || !place.nodes.has(life)) return false;
    place.owner = life;
    place.term += 1;
    return true;
  }

  keepControl(room: string, term: number, control: string): boolean {
    const place = this.#places.get(room);
    if (place?.term !== term) return false;
    place.control = control;
    return true;
  }

  clear(): void {
    this.#places.clear();
    this.#forgottenTerm = 0;
  }

  /** Those that a life is in. */
  roomsOf(life: Life): string[] {
    return [...this.#places].flatMap(([room, { nodes }]) => (nodes.has(life) ? [room] : []));
  }
}
