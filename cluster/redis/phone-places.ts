// On which nodes somebody has phones, or calls: a sorted set of lives in Redis for each identity, by when the last one is gone.

import type { Clock } from '../../core/clock.ts';
import type { Life, PhonePlaces } from '../directory.ts';
import { runDirectoryScript } from './directory-scripts.ts';
import { PlaceTeller } from './place-teller.ts';
import { roomKey, tagOf } from './tags.ts';
import { toStoreError } from './to-store-error.ts';
import type { RedisPlacesParts } from './user-places.ts';

export interface RedisPhonePlacesParts extends RedisPlacesParts {
  /** What the keys of the sets are called. */
  readonly keys: 'ph' | 'ca';
  readonly clock: Pick<Clock, 'nowMs'>;
}

export class RedisPhonePlaces implements PhonePlaces {
  readonly #parts: RedisPhonePlacesParts;
  /** Until when who has phones here, in milliseconds since 1970. */
  readonly #here = new Map<string, number>();
  readonly #teller: PlaceTeller;

  constructor(parts: RedisPhonePlacesParts) {
    this.#parts = parts;
    this.#teller = new PlaceTeller({ ...parts, write: (tag, identities) => this.#write(tag, identities) });
  }

  publish(identity: string, contacts: readonly { readonly untilMs: number }[]): void {
    const untilMs = Math.max(0, ...contacts.map((contact) => contact.untilMs));
    if (untilMs > this.#parts.clock.nowMs()) this.#here.set(identity, untilMs);
    else this.#here.delete(identity);
    this.#teller.changed([identity]);
  }

  /** Redis may have forgotten them, or knows them by another life. */
  tellAgain(): void {
    this.#teller.changed(this.#here.keys());
  }

  async whereAre(identities: readonly string[]): Promise<ReadonlyMap<string, readonly Life[]>> {
    const { link, prefix, keys, isLiving, clock } = this.#parts;
    const places = new Map<string, readonly Life[]>();
    const find = async (identity: string) => {
      const key = roomKey(prefix, keys, identity);
      // Redis forgets the whole set in time; one that the clocks of nodes differ about rings where nobody is.
      const reply = await link.call(key, 'zrangebyscore', [key, String(clock.nowMs()), '+inf']);
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
    const { link, prefix, keys, life, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const changes = identities.flatMap((identity) => {
      const leftMs = Math.max((this.#here.get(identity) ?? 0) - nowMs, 0);
      if (leftMs === 0) this.#here.delete(identity);
      return [tagOf(identity), identity, Math.ceil(leftMs)];
    });
    return runDirectoryScript(link, 'phones', { prefix, tag }, [life(), keys, ...changes]);
  }
}
