// Media of peers that went on at another node: kept here as it was, until what they send from there can be received.

import type { Clock, Timer } from '../../core/clock.ts';
import type { PeerId } from '../../core/ids.ts';
import type { ProducerInfo } from '../../proto/gen/types.ts';

/** For a client that makes its media anew at another node, on a slow line. */
export const glowMs = 5_000;
/** Between the word of a new track and the end of the old one: whoever received the old one receives the new one by then. */
export const overlapMs = 2_000;

export interface KeptMedia {
  readonly producers: readonly ProducerInfo[];
  /** Ends one of them; everybody is told. */
  close(producerId: string): void;
  /** After the last of them, once. */
  over(): void;
}

interface Kept {
  readonly media: KeptMedia;
  /** Those that are there still. */
  readonly producers: Map<string, ProducerInfo>;
  /** Those whose sender sends the same source from its new place. */
  readonly replaced: Set<string>;
  readonly timers: Timer[];
}

export class Afterglow {
  readonly #clock: Clock;
  readonly #kept = new Map<PeerId, Kept>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Peers whose media is kept. */
  get size(): number {
    return this.#kept.size;
  }

  /** For a while. What was kept of the peer before ends now. */
  keep(peerId: PeerId, media: KeptMedia): void {
    this.end(peerId);
    const producers = new Map(media.producers.map((producer) => [producer.producerId, producer]));
    const timers = [this.#clock.after(glowMs, () => this.end(peerId))];
    this.#kept.set(peerId, { media, producers, replaced: new Set(), timers });
  }

  /** The peer sends this now: the old track of the same source has had its time. Answers which one that is. */
  replaced(peerId: PeerId, { producerId, source }: ProducerInfo): string | undefined {
    const kept = this.#kept.get(peerId);
    if (kept === undefined || kept.producers.has(producerId)) return undefined;
    for (const old of kept.producers.values()) {
      if (old.source !== source || kept.replaced.has(old.producerId)) continue;
      kept.replaced.add(old.producerId);
      kept.timers.push(this.#clock.after(overlapMs, () => this.#close(kept, old.producerId)));
      return old.producerId;
    }
    return undefined;
  }

  /** It ended by itself. */
  closed(peerId: PeerId, producerId: string): void {
    this.#kept.get(peerId)?.producers.delete(producerId);
  }

  /** What a newcomer is told of, in place of which there is nothing newer. */
  isCurrent(peerId: PeerId, producerId: string): boolean {
    return !this.#kept.get(peerId)?.replaced.has(producerId);
  }

  /** It is sent by way of the node where the peer was before. */
  isOld(peerId: PeerId, producerId: string): boolean {
    return this.#kept.get(peerId)?.producers.has(producerId) ?? false;
  }

  /** At once: the peer left, or its media is made here again. */
  end(peerId: PeerId): void {
    const kept = this.#kept.get(peerId);
    if (kept === undefined) return;
    for (const timer of kept.timers) timer.cancel();
    for (const producerId of [...kept.producers.keys()]) this.#close(kept, producerId);
    this.#kept.delete(peerId);
    kept.media.over();
  }

  endAll(): void {
    for (const peerId of [...this.#kept.keys()]) this.end(peerId);
  }

  #close(kept: Kept, producerId: string): void {
    if (kept.producers.delete(producerId)) kept.media.close(producerId);
  }
}
