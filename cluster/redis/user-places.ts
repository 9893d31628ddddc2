// On which nodes somebody has sessions: a set of lives in Redis for each identity.

import type { Logger } from '../../core/log.ts';
import type { Life, UserPlaces } from '../directory.ts';
import { runDirectoryScript } from './directory-scripts.ts';
import { PlaceTeller } from './place-teller.ts';
import type { RedisLink } from './redis-link.ts';
import { roomKey, tagOf } from './tags.ts';
import { toStoreError } from './to-store-error.ts';

export interface RedisPlacesParts {
  readonly link: RedisLink;
  readonly prefix: string;
  readonly life: () => Life;
  readonly isLiving: (life: Life) => boolean;
  /** Whether a script keeps to one tag. */
  readonly split: boolean;
  readonly log: Logger;
}

export class RedisUserPlaces implements UserPlaces {
  readonly #parts: RedisPlacesParts;
  /** Who has sessions here. */
  readonly #here = new Set<string>();
  readonly #teller: PlaceTeller;

  constructor(parts: RedisPlacesParts) {
    this.#parts = parts;
    this.#teller = new PlaceTeller({ ...parts, write: (tag, identities) => this.#write(tag, identities) });
  }

  came(identity: string): void {
    this.#here.add(identity);
    this.#teller.changed([identity]);
  }

  left(identity: string): void {
    this.#here.delete(identity);
    this.#teller.changed([identity]);
  }

  /** Redis may have forgotten them, or knows them by another life. */
  tellAgain(): void {
    this.#teller.changed(this.#here);
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
    this.#teller.close();
  }

  #write(tag: string, identities: readonly string[]): Promise<unknown> {
    const { link, prefix, life } = this.#parts;
    const changes = identities.flatMap((identity) => [this.#here.has(identity) ? '+' : '-', tagOf(identity), identity]);
    return runDirectoryScript(link, 'people', { prefix, tag }, [life(), ...changes]);
  }
}
