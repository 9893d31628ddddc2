import type { SdpFormat } from './read-formats.ts';

type Named = Pick<SdpFormat, 'name' | 'clockRate'>;

/** RFC 3551's, then those that most phones use. */
const usual: ReadonlyMap<string, number> = new Map([
  ['PCMU/8000', 0],
  ['PCMA/8000', 8],
  ['G722/8000', 9],
  ['CN/8000', 13],
  ['opus/48000', 96],
  ['telephone-event/8000', 101],
  ['telephone-event/48000', 100],
]);

/** Which number stands for which format in our offers: the same for the whole of a session (RFC 3264 section 8.3.2). */
export class PayloadTypes {
  readonly #types: Map<string, number>;

  constructor(types: Iterable<readonly [string, number]> = []) {
    this.#types = new Map(types);
  }

  /** With what the other side offered: its numbers are ours from then on. */
  with(formats: readonly SdpFormat[]): PayloadTypes {
    const theirs = new Set(formats.map(({ payloadType }) => payloadType));
    const next = new PayloadTypes([...this.#types].filter(([, type]) => !theirs.has(type)));
    // Of a format that is listed twice the first number counts.
    for (const format of formats.toReversed()) next.#types.set(keyOf(format), format.payloadType);
    return next;
  }

  /** What it is called from now on. */
  of(format: Named): number {
    const key = keyOf(format);
    const type = this.#types.get(key) ?? this.#free(usual.get(key));
    this.#types.set(key, type);
    return type;
  }

  #free(wish: number | undefined): number {
    const taken = new Set(this.#types.values());
    if (wish !== undefined && !taken.has(wish)) return wish;
    // The formats that we know are fewer than the 32 dynamic types.
    let type = 96;
    while (taken.has(type)) type += 1;
    return type;
  }
}

function keyOf({ name, clockRate }: Named): string {
  return `${name}/${clockRate}`;
}
