// Whether what is published is heard. A Redis that answers PUBLISH and delivers nothing (a subscription that it lost, a link
// between servers of a cluster that is down) looks well from both sides: so a nonce has to come back.

import { type Clock, systemClock, type Timer } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import { createEpoch } from '../epochs.ts';
import type { RedisLink } from './redis-link.ts';
import type { Subscriber } from './subscriber.ts';
import { nodesKey } from './tags.ts';

export interface BusProbeParts {
  readonly link: RedisLink;
  readonly subscriber: Subscriber;
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
  readonly #channel: string;
  /** By nonce, when it was published, in that order. */
  readonly #outstanding = new Map<string, number>();
  #timer: Timer | undefined;
  #isSubscribed = false;
  #nonce = 0;
  #delayMs: number | undefined;

  constructor(parts: BusProbeParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
    this.#channel = `${nodesKey(parts.prefix, 'probe')}:${createEpoch()}`;
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
      if (!this.#isSubscribed) await subscriber.subscribe(this.#channel, (message) => this.#hear(message.toString()));
      this.#isSubscribed = true;
      // What Redis did not take for certain is not waited for.
      const publish = (master: Pick<RedisLink, 'call'>) =>
        master.call(this.#channel, 'publish', [this.#channel, this.#expectNonce()]);
      await Promise.all(link.masters.map(publish));
    } catch {
      this.#outstanding.clear();
    }
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
