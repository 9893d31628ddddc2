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

  /** Where to go from here, in this order: where it is wished, then all others. Where there is one address alone, it may lead anywhere. */
  elsewhere(wished?: string): string[] {
    const { current } = this;
    const others = this.#urls.map((_, index) => this.#urls[(this.#at + 1 + index) % this.#urls.length] ?? '');
    const urls = new Set([...(wished === undefined ? [] : [wished]), ...others].filter((url) => url !== current));
    return urls.size > 0 ? [...urls] : [current];
  }

  /** It is there now. */
  wentTo(url: string): void {
    const at = this.#urls.indexOf(url);
    this.#visited = at === -1 ? url : undefined;
    if (at !== -1) this.#at = at;
    this.#suggestion = undefined;
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
