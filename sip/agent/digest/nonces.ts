import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../../core/clock.ts';

/** How far behind the highest count another one may come, for requests that overtake each other. */
const window = 64;
const mostNonces = 50_000;

interface Use {
  highest: number;
  /** Bit n: the count `highest - n` was used. */
  used: bigint;
}

/**
 * Nonces that need no memory until they are used: a time and a signature. Each count is good for one request
 * (RFC 7616 section 3.4.5); how many nonces are remembered is bounded, and one that was forgotten is stale.
 */
export class Nonces {
  readonly #clock: Clock;
  readonly #lifetimeMs: number;
  readonly #secret: Uint8Array;
  readonly #uses = new Map<string, Use>();
  #forgottenMs = 0;

  /** `secret`: what nodes share that take each other's nonces; without one, a random one of this process. */
  constructor(clock: Clock, options: { readonly lifetimeMs?: number; readonly secret?: Uint8Array } = {}) {
    this.#clock = clock;
    this.#lifetimeMs = options.lifetimeMs ?? 300_000;
    this.#secret = options.secret ?? randomBytes(32);
  }

  create(): string {
    const head = `${this.#clock.nowMs().toString(36)}.${randomBytes(9).toString('base64url')}`;
    return `${head}.${this.#sign(head)}`;
  }

  /** `stale`: it was ours, and the password may be right: a new one is worth trying. */
  check(nonce: string, count: number): 'good' | 'stale' | 'forged' | 'replayed' {
    const dot = nonce.lastIndexOf('.');
    const head = nonce.slice(0, Math.max(dot, 0));
    const [said, ours] = [Buffer.from(nonce.slice(dot + 1)), Buffer.from(this.#sign(head))];
    if (said.length !== ours.length || !timingSafeEqual(said, ours)) return 'forged';
    const madeMs = Number.parseInt(head, 36);
    // Made before one that was forgotten: its counts may have been forgotten too.
    if (this.#clock.nowMs() - madeMs > this.#lifetimeMs || madeMs < this.#forgottenMs) return 'stale';
    return this.#use(nonce, count) ? 'good' : 'replayed';
  }

  #use(nonce: string, count: number): boolean {
    const use = this.#uses.get(nonce);
    if (use === undefined) {
      this.#uses.set(nonce, { highest: count, used: 1n });
      this.#forget();
      return true;
    }
    const ahead = count - use.highest;
    if (ahead > 0) {
      use.used = BigInt.asUintN(window, (use.used << BigInt(Math.min(ahead, window))) | 1n);
      use.highest = count;
      return true;
    }
    if (-ahead >= window) return false;
    const bit = 1n << BigInt(-ahead);
    if ((use.used & bit) !== 0n) return false;
    use.used |= bit;
    return true;
  }

  #forget(): void {
    for (const nonce of this.#uses.keys()) {
      const madeMs = Number.parseInt(nonce, 36);
      const old = this.#clock.nowMs() - madeMs > this.#lifetimeMs;
      if (!old && this.#uses.size <= mostNonces) return;
      this.#uses.delete(nonce);
      if (!old) this.#forgottenMs = Math.max(this.#forgottenMs, madeMs + 1);
    }
  }

  #sign(head: string): string {
    return createHmac('sha256', this.#secret).update(head).digest('base64url').slice(0, 22);
  }
}
