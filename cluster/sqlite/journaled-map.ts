// A map beside the database: what a transaction changed in it is taken back with the transaction.

export class JournaledMap<Value> {
  readonly #values = new Map<string, Value>();
  /** What each changed key had before, in the order of the changes. */
  readonly #before: [key: string, value: Value | undefined][] = [];

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  values(): IterableIterator<Value> {
    return this.#values.values();
  }

  set(key: string, value: Value): void {
    this.#before.push([key, this.#values.get(key)]);
    this.#values.set(key, value);
  }

  delete(key: string): boolean {
    const value = this.#values.get(key);
    if (value === undefined) return false;
    this.#before.push([key, value]);
    return this.#values.delete(key);
  }

  clear(): void {
    for (const key of [...this.#values.keys()]) this.delete(key);
  }

  /** What was changed stays. */
  commit(): void {
    this.#before.length = 0;
  }

  rollback(): void {
    for (let change = this.#before.pop(); change; change = this.#before.pop()) {
      const [key, value] = change;
      if (value === undefined) this.#values.delete(key);
      else this.#values.set(key, value);
    }
  }
}
