/**
 * Several values for a key, in the order in which they were added. Nearly every key has one value, which costs no more than
 * its entry: a set of one takes as much as five entries.
 */
export class Multimap<Key, Value extends object> {
  readonly #byKey = new Map<Key, Value | Set<Value>>();

  get size(): number {
    return this.#byKey.size;
  }

  keys(): Iterable<Key> {
    return this.#byKey.keys();
  }

  /** A value that is there already is not added again. */
  add(key: Key, value: Value): void {
    const known = this.#byKey.get(key);
    if (known === undefined) this.#byKey.set(key, value);
    else if (known instanceof Set) known.add(value);
    else if (known !== value) this.#byKey.set(key, new Set([known, value]));
  }

  /** Answers whether it was there. */
  delete(key: Key, value: Value): boolean {
    const known = this.#byKey.get(key);
    if (!(known instanceof Set)) return known === value && this.#byKey.delete(key);
    const wasThere = known.delete(value);
    if (known.size === 0) this.#byKey.delete(key);
    return wasThere;
  }

  /** A copy. */
  get(key: Key): Value[] {
    const known = this.#byKey.get(key);
    if (known === undefined) return [];
    return known instanceof Set ? [...known] : [known];
  }

  count(key: Key): number {
    const known = this.#byKey.get(key);
    if (known === undefined) return 0;
    return known instanceof Set ? known.size : 1;
  }
}
