const uuid = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g;
/** What each side makes up for itself. */
const madeUp = [
  uuid,
  /tag=([^;>\s|]+)/g,
  /branch=([^;\s]+)/g,
  /^Call-ID: (\S+)/gim,
  /^RSeq: (\d+)/gim,
  /^CSeq: (\d{5,})/gim,
];

/** What was made up in a capture, and what stands for it now: the same thing for the same thing, everywhere. */
export class Bindings {
  readonly #variables = new Set<string>();
  readonly #actual = new Map<string, string>();
  readonly #captured = new Map<string, string>();

  constructor(capture: readonly string[]) {
    for (const text of capture)
      for (const pattern of madeUp)
        for (const [whole, group] of text.matchAll(pattern)) this.#variables.add(group ?? whole);
  }

  /** Whether two words are the same, or may stand for each other from now on. */
  same(captured: string, actual: string): boolean {
    if (this.#actual.has(captured)) return this.#actual.get(captured) === actual;
    if (!this.#variables.has(captured)) return captured === actual;
    if (this.#captured.has(actual)) return false;
    this.#actual.set(captured, actual);
    this.#captured.set(actual, captured);
    return true;
  }

  sameText(captured: string, actual: string): boolean {
    const [left, right] = [words(captured), words(actual)];
    return left.length === right.length && left.every((word, at) => this.same(word, right[at] ?? ''));
  }

  /** The text of a capture in the words of now. */
  translate(text: string): string {
    return words(text)
      .map((word) => this.#actual.get(word) ?? word)
      .join('');
  }
}

function words(text: string): string[] {
  return text.split(/([^\w.-]+)/);
}
