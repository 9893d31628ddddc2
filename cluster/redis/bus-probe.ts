// Whether what is published is heard. A Redis that answers PUBLISH and delivers nothing (a subscription that it lost, a link
// between servers of a cluster that is down) looks well from both sides: so a nonce has to come back.

import { type Clock, systemClock, type Timer } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import { createEpoch } from '../epochs.ts';
import type { RedisLink } from './redis-link.ts';
import type { Channels } from './subscriber.ts';

export interface BusProbeParts {
  readonly link: RedisLink;
  readonly subscriber: Channels;
  readonly prefix: string;
  readonly clock?: Clock;
  readonly log: Logger;
  readonly probeMs?: number;
  /** A nonce that is not heard for so long is lost. */
  readonly lostMs?: number;
}

export class BusProbe {
  readonly #parts: BusProbeParts;
  readonly #clock: Clock;
  readonly #name = createEpoch();
  /** By nonce, when it was published, in that order. */
  readonly #outstanding = new Map<string, number>();
  #timer: Timer | undefined;
  readonly #subscribed = new Set<string>();
  #nonce = 0;
  #delayMs: number | undefined;

  constructor(parts: BusProbeParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
    this.#wait();
  }

  /** From publishing to hearing it, the last time. */
  get delayMs(): number | undefined {
    return this.#delayMs;
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #wait(): void {
    this.#timer = this.#clock.after(this.#parts.probeMs ?? 2_000, () => {
      void this.#probe();
      this.#wait();
    });
  }

  async #probe(): Promise<void> {
    const { link, subscriber, log, lostMs = 6_000 } = this.#parts;
    if (!subscriber.isUp || link.state !== 'up') {
      this.#outstanding.clear();
      return;
    }
    const [oldestMs] = this.#outstanding.values();
    if (oldestMs !== undefined && this.#clock.monotonicMs() - oldestMs >= lostMs) {
      this.#outstanding.clear();
      log.warn({}, 'what is published to Redis is not heard: subscribing anew');
      subscriber.distrust('what was published was not heard');
      return;
    }
    try {
      // What Redis did not take for certain is not waited for.
      if (link.sharded) await Promise.all(link.tags.map((tag) => this.#publish(tag, [link], 'spublish')));
      else await this.#publish('n', link.masters, 'publish');
    } catch {
      this.#outstanding.clear();
    }
  }

  /** To a channel that has the tag. */
  async #publish(tag: string, at: readonly Pick<RedisLink, 'call'>[], command: string): Promise<void> {
    const channel = `${this.#parts.prefix}:{${tag}}:probe:${this.#name}`;
    if (!this.#subscribed.has(channel)) {
      await this.#parts.subscriber.subscribe(channel, (message) => this.#hear(message.toString()));
      this.#subscribed.add(channel);
    }
    await Promise.all(at.map((master) => master.call(channel, command, [channel, this.#expectNonce()])));
  }

  #expectNonce(): string {
    const nonce = String(++this.#nonce);
    this.#outstanding.set(nonce, this.#clock.monotonicMs());
    return nonce;
  }

  #hear(nonce: string): void {
    const sentMs = this.#outstanding.get(nonce);
    if (sentMs === undefined) return;
    this.#delayMs = this.#clock.monotonicMs() - sentMs;
    this.#outstanding.delete(nonce);
  }
}
