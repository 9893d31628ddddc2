/** The first so many of one array, as often as it is asked for: nothing is left behind for the garbage collector. */
export class ReusedArray<Kind extends Int16Array | Uint8Array> {
  readonly #whole: Kind;
  readonly #views: (Kind | undefined)[] = [];
  #last: Kind;

  constructor(whole: Kind) {
    this.#whole = whole;
    this.#last = whole;
  }

  /** `length` is at most that of the whole. What stands in it is left from before. */
  ofLength(length: number): Kind {
    if (this.#last.length === length) return this.#last;
    const view = this.#views[length] ?? (this.#whole.subarray(0, length) as Kind);
    this.#views[length] = view;
    this.#last = view;
    return view;
  }
}
