/** Where a server is reached: at one address, or at the nodes of a cluster, each of which is as good as the others. */
export class Addresses {
  readonly #urls: readonly string[];
  #at = 0;

  /** @throws {TypeError} when there is none, or one is there twice. */
  constructor(urls: readonly string[]) {
    if (urls.length === 0) throw new TypeError('`urls` names no address');
    if (new Set(urls).size < urls.length) throw new TypeError('`urls` names an address twice');
    this.#urls = urls;
  }

  get current(): string {
    return this.#urls[this.#at] ?? '';
  }

  get count(): number {
    return this.#urls.length;
  }

  /** The same for the same server, whichever address comes first. */
  get key(): string {
    return [...this.#urls].sort().join(' ');
  }

  /** Goes on to the next one, and from the last to the first. */
  next(): void {
    this.#at = (this.#at + 1) % this.#urls.length;
  }
}
