// Proves that who comes back to a session is who was told of it.

import { createHash, timingSafeEqual } from 'node:crypto';
import { createSecret } from '../core/ids.ts';

/**
 * A secret for one use: redeeming it gives the next one. It stays good only until the client has shown that the next one
 * reached it; otherwise an answer that is lost with its connection would take the session with it.
 */
export class ResumeSecret {
  readonly #ending: string;
  #current: string;
  #redeemed: string | undefined;

  /** `ticket`: what other nodes know the session by; it stays the same. Empty: there are none. */
  constructor(ticket = '') {
    this.#ending = ticket === '' ? '' : `.${ticket}`;
    this.#current = this.#create();
  }

  get current(): string {
    return this.#current;
  }

  /** Whether {@link redeem} would take it. */
  isGood(candidate: string): boolean {
    return isEqual(candidate, this.#current) || isEqual(candidate, this.#redeemed);
  }

  /** Answers whether the secret was good; `current` is then another. */
  redeem(candidate: string): boolean {
    if (!this.isGood(candidate)) return false;
    this.#redeemed = candidate;
    this.#current = this.#create();
    return true;
  }

  /** The client has the current secret: the one that it redeemed is worth nothing any more. */
  confirm(): void {
    this.#redeemed = undefined;
  }

  #create(): string {
    return createSecret() + this.#ending;
  }
}

/** Compares hashes, so that the time it takes tells nothing, not even a length. */
function isEqual(candidate: string, secret: string | undefined): boolean {
  return secret !== undefined && timingSafeEqual(sha256(candidate), sha256(secret));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
