// On which nodes somebody has sessions: a set of lives in Redis for each identity.

import type { Logger } from '../../core/log.ts';
import type { Life, UserPlaces } from '../directory.ts';
import { runDirectoryScript } from './directory-scripts.ts';
import type { RedisLink } from './redis-link.ts';
import { roomKey, tagOf } from './tags.ts';
import { toStoreError } from './to-store-error.ts';

export interface RedisUserPlacesParts {
  readonly link: RedisLink;
  readonly prefix: string;
  readonly life: () => Life;
  readonly isLiving: (life: Life) => boolean;
  /** Whether a script keeps to one tag. */
  readonly split: boolean;
  readonly log: Logger;
}

/** Changes that one call carries: below a millisecond of Redis. */
const atOnce = 128;

export class RedisUserPlaces implements UserPlaces {
  readonly #parts: RedisUserPlacesParts;
  /** Who has sessions here. */
  readonly #here = new Set<string>();
  /** Whose coming or going is not told yet. At most everybody who is here or has been since Redis was reached. */
  readonly #untold = new Set<string>();
  readonly #end: () => void;
  #isTelling = false;
  #closed = false;

  constructor(parts: RedisUserPlacesParts) {
    this.#parts = parts;
    this.#end = parts.link.events.on('stateChanged', ({ state }) => {
      if (state === 'up') this.#tell();
    });
  }

  came(identity: string): void {
    this.#here.add(identity);
    this.#untold.add(identity);
    this.#tell();
  }

  left(identity: string): void {
    this.#here.delete(identity);
    this.#untold.add(identity);
    this.#tell();
  }

  /** Redis may have forgotten them, or knows them by another life. */
  tellAgain(): void {
    for (const identity of this.#here) this.#untold.add(identity);
    this.#tell();
  }

  async whereAre(identities: readonly string[]): Promise<ReadonlyMap<string, readonly Life[]>> {
    const { link, prefix, isLiving } = this.#parts;
    const places = new Map<string, readonly Life[]>();
    const find = async (identity: string) => {
      const key = roomKey(prefix, 'u', identity);
      const reply = await link.call(key, 'smembers', [key]);
      const lives = Array.isArray(reply) ? reply.map(String).filter(isLiving) : [];
      if (lives.length > 0) places.set(identity, lives.sort());
    };
    try {
      await Promise.all(identities.map(find));
    } catch (error) {
      throw toStoreError(error);
    }
    return places;
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
    const { link, prefix, life, split } = this.#parts;
    const [first = ''] = this.#untold;
    const some: string[] = [];
    for (const identity of this.#untold) {
      if (some.length >= atOnce) break;
      if (!split || tagOf(identity) === tagOf(first)) some.push(identity);
    }
    for (const identity of some) this.#untold.delete(identity);
    const changes = some.flatMap((identity) => [this.#here.has(identity) ? '+' : '-', tagOf(identity), identity]);
    try {
      await runDirectoryScript(link, 'people', { prefix, tag: tagOf(first) }, [life(), ...changes]);
    } catch (error) {
      for (const identity of some) this.#untold.add(identity);
      throw error;
    }
  }
}
