import type { Logger } from '../../core/log.ts';
import type { RedisLink } from './redis-link.ts';
import { tagOf } from './tags.ts';

export interface PlaceTellerParts {
  readonly link: RedisLink;
  /** Whether a script keeps to one tag. */
  readonly split: boolean;
  readonly log: Logger;
  /** Writes what holds of these identities now, which are of one tag where a script keeps to one. */
  readonly write: (tag: string, identities: readonly string[]) => Promise<unknown>;
}

/** Changes that one call carries: below a millisecond of Redis. */
const atOnce = 128;

/** Tells Redis of identities whose places have changed here: soon, many at once, and again until it was heard. */
export class PlaceTeller {
  readonly #parts: PlaceTellerParts;
  /** At most everybody who is here or has been since Redis was reached. */
  readonly #untold = new Set<string>();
  readonly #end: () => void;
  #isTelling = false;
  #closed = false;

  constructor(parts: PlaceTellerParts) {
    this.#parts = parts;
    this.#end = parts.link.events.on('stateChanged', ({ state }) => {
      if (state === 'up') this.#tell();
    });
  }

  changed(identities: Iterable<string>): void {
    for (const identity of identities) this.#untold.add(identity);
    this.#tell();
  }

  close(): void {
    this.#closed = true;
    this.#end();
  }

  /** One call at a time, so that the newest state is what holds in the end. */
  #tell(): void {
    if (this.#isTelling || this.#closed || this.#untold.size === 0 || this.#parts.link.state !== 'up') return;
    this.#isTelling = true;
    // What comes in the same turn goes along.
    setImmediate(() => void this.#tellAll());
  }

  async #tellAll(): Promise<void> {
    const { link, log } = this.#parts;
    try {
      while (this.#untold.size > 0 && link.state === 'up' && !this.#closed) await this.#tellSome();
    } catch (error) {
      log.debug({ err: error }, 'where people are is told later');
    }
    this.#isTelling = false;
    // Away by now, the next `up` goes on; otherwise it was refused, and goes on with the next change.
  }

  async #tellSome(): Promise<void> {
    const { split, write } = this.#parts;
    const [first = ''] = this.#untold;
    const some: string[] = [];
    for (const identity of this.#untold) {
      if (some.length >= atOnce) break;
      if (!split || tagOf(identity) === tagOf(first)) some.push(identity);
    }
    for (const identity of some) this.#untold.delete(identity);
    try {
      await write(tagOf(first), some);
    } catch (error) {
      for (const identity of some) this.#untold.add(identity);
      throw error;
    }
  }
}
