import jwt from 'jsonwebtoken';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { Claims, TokenVerifier } from '../../signaling/token-verifier.ts';
import { readClaims, requireValid } from './claims.ts';
import type { IdentityOptions } from './identity-options.ts';
import { parseToken, type UnverifiedToken } from './parse-token.ts';
import { RemoteKeys } from './remote-keys.ts';
import { loadVerifyingKey, type VerifyingKey } from './verifying-key.ts';

/** Verifies JSON Web Tokens (RFC 7519) with configured keys and those of a key set; each key with its own algorithm only. */
export class JwtVerifier implements TokenVerifier {
  readonly #options: IdentityOptions;
  readonly #keys: ReadonlyMap<string, VerifyingKey>;
  readonly #remoteKeys: RemoteKeys | undefined;
  readonly #clock: Clock;

  /** @throws {StartError} when a configured key cannot be read. */
  constructor(options: IdentityOptions, { clock, log }: { clock: Clock; log: Logger }) {
    this.#options = options;
    this.#clock = clock;
    this.#keys = new Map(options.keys.map((key) => [key.kid, loadVerifyingKey(key)]));
    this.#remoteKeys = options.jwksUrl
      ? new RemoteKeys({ url: options.jwksUrl, algorithms: options.jwksAlgorithms, clock, log })
      : undefined;
  }

  async verify(token: string): Promise<Claims> {
    const unverified = parseToken(token);
    const { algorithm, key } = await this.#findKey(unverified);
    if (algorithm !== unverified.algorithm) throw new AppError('TOKEN_ALGORITHM_REFUSED');
    try {
      // The signature alone: times, audience and issuer have reasons of their own below.
      jwt.verify(token, key, { algorithms: [algorithm], ignoreExpiration: true, ignoreNotBefore: true });
    } catch (error) {
      throw new AppError('TOKEN_SIGNATURE_INVALID', {}, { cause: error });
    }
    requireValid(unverified.payload, this.#options, this.#clock.nowMs());
    const claims = readClaims(unverified.payload);
    // A token that is taken within the leeway is good until the leeway is over.
    return { ...claims, expiresAtMs: claims.expiresAtMs + this.#options.leewaySeconds * 1000 };
  }

  #findKey({ algorithm, kid }: UnverifiedToken): VerifyingKey | Promise<VerifyingKey> {
    const [only, ...others] = this.#keys.values();
    const named = kid === undefined ? undefined : this.#keys.get(kid);
    if (named) return named;
    if (this.#remoteKeys) return this.#remoteKeys.find(algorithm, kid);
    if (kid === undefined && only && others.length === 0) return only;
    throw new AppError('TOKEN_KEY_UNKNOWN');
  }
}
