/** Where a server is reached: at one address, or at the nodes of a cluster, each of which is as good as the others. */
export class Addresses {
  readonly #urls: readonly string[];
  #at = 0;
  /** Where the server would have the client go next. */
  #suggestion: string | undefined;
  /** Where it is because of that: none of the others, perhaps. */
  #visited: string | undefined;

  /** @throws {TypeError} when there is none, or one is there twice. */
  constructor(urls: readonly string[]) {
    if (urls.length === 0) throw new TypeError('`urls` names no address');
    if (new Set(urls).size < urls.length) throw new TypeError('`urls` names an address twice');
    this.#urls = urls;
  }

  get current(): string {
    return this.#visited ?? this.#urls[this.#at] ?? '';
  }

  get count(): number {
    return this.#urls.length;
  }

  /** The same for the same server, whichever address comes first. */
  get key(): string {
    return [...this.#urls].sort().join(' ');
  }

  /** For the next step alone: should that one not answer, it goes on as always. */
  suggest(url: string): void {
    this.#suggestion = url;
  }

  /** Goes on to the next one, and from the last to the first. */
  next(): void {
    this.#visited = this.#suggestion;
    this.#suggestion = undefined;
    if (this.#visited === undefined) this.#at = (this.#at + 1) % this.#urls.length;
  }
}
