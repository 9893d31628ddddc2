// The in-memory engine of the TokenVerifier port: knows the tokens that it issued.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Claims, GrantName, TokenVerifier } from '../token-verifier.ts';

export interface IssuedClaims {
  readonly identity: string;
  readonly name?: string;
  readonly metadata?: string;
  /** The room that the grants are for, `*` by default. */
  readonly room?: string;
  readonly can?: readonly GrantName[];
  /** An hour by default. */
  readonly ttlMs?: number;
}

/** Everything but moderation. */
export const memberGrants: readonly GrantName[] = [
  'join',
  'publish:audio',
  'publish:video',
  'publish:screen',
  'subscribe',
  'chat',
  'history',
];

export class MemoryVerifier implements TokenVerifier {
  readonly #clock: Clock;
  readonly #claims = new Map<string, Claims>();
  #gate: Promise<void> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(wanted: IssuedClaims): string {
    const { identity, name = identity, metadata = '', room = '*', can = memberGrants, ttlMs = 3_600_000 } = wanted;
    const token = `token-${this.#claims.size + 1}-of-${identity}`;
    const expiresAtMs = this.#clock.nowMs() + ttlMs;
    this.#claims.set(token, { identity, name, metadata, grants: [{ room, can }], expiresAtMs });
    return token;
  }

  async verify(token: string): Promise<Claims> {
    await this.#gate;
    const claims = this.#claims.get(token);
    if (claims === undefined) throw new AppError('TOKEN_MALFORMED');
    if (claims.expiresAtMs <= this.#clock.nowMs()) throw new AppError('TOKEN_EXPIRED');
    return claims;
  }

  /** Verifications wait until the answer is called, as for keys that are being fetched. */
  hold(): () => void {
    let release = () => {};
    this.#gate = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }
}
