// Keys of a JSON Web Key Set (RFC 7517): fetched when the first token needs one, kept, and followed when they rotate.

import { KeyObject } from 'node:crypto';
import { createRemoteJWKSet, customFetch, errors, type RemoteJWKSet } from 'jose';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { TokenAlgorithm } from './identity-options.ts';
import { findKeyMismatch, type VerifyingKey } from './verifying-key.ts';

/** Unknown keys fetch the set at most so often, however many tokens name them. */
const refetchCooldownMs = 30_000;
/** After a failed fetch the next one waits so long. */
const retryAfterFailureMs = 5_000;
/** Beyond this age the set is fetched again in the background, so that withdrawn keys go. */
const maxAgeMs = 600_000;
const fetchTimeoutMs = 5_000;
const maxSetBytes = 1_048_576;

export class RemoteKeys {
  readonly #set: RemoteJWKSet;
  readonly #algorithms: readonly string[];
  readonly #clock: Clock;
  readonly #log: Logger;
  #fetchedAtMs: number | undefined;
  #failedAtMs: number | undefined;
  #fetching: Promise<boolean> | undefined;

  constructor(options: { url: string; algorithms: readonly TokenAlgorithm[]; clock: Clock; log: Logger }) {
    this.#algorithms = options.algorithms;
    this.#clock = options.clock;
    this.#log = options.log;
    // When to fetch is decided here: jose would fetch without a pause while the set cannot be reached, and drop what it has.
    this.#set = createRemoteJWKSet(new URL(options.url), {
      timeoutDuration: fetchTimeoutMs,
      cooldownDuration: Number.POSITIVE_INFINITY,
      cacheMaxAge: Number.POSITIVE_INFINITY,
      [customFetch]: fetchBounded,
    });
  }

  /**
   * The key that a token's header names.
   * @throws {AppError} TOKEN_ALGORITHM_REFUSED, TOKEN_KEY_UNKNOWN, or KEYS_UNAVAILABLE while the set cannot be fetched.
   */
  async find(algorithm: string, kid: string | undefined): Promise<VerifyingKey> {
    if (!this.#algorithms.includes(algorithm)) throw new AppError('TOKEN_ALGORITHM_REFUSED');
    if (this.#fetchedAtMs === undefined && !(await this.#fetch())) throw this.#unavailable();
    if (this.#sinceMs(this.#fetchedAtMs) > maxAgeMs) void this.#fetch();
    const known = await this.#pick(algorithm as TokenAlgorithm, kid);
    if (known) return known;
    if (this.#sinceMs(this.#fetchedAtMs) > refetchCooldownMs) {
      if (!(await this.#fetch())) throw this.#unavailable();
      const rotatedIn = await this.#pick(algorithm as TokenAlgorithm, kid);
      if (rotatedIn) return rotatedIn;
    }
    const named = this.#set.jwks()?.keys.some((key) => kid !== undefined && key.kid === kid);
    throw new AppError(named ? 'TOKEN_ALGORITHM_REFUSED' : 'TOKEN_KEY_UNKNOWN');
  }

  async #pick(algorithm: TokenAlgorithm, kid: string | undefined): Promise<VerifyingKey | undefined> {
    try {
      const key = KeyObject.from(await this.#set({ alg: algorithm, ...(kid === undefined ? {} : { kid }) }));
      return findKeyMismatch(key, algorithm) === undefined ? { algorithm, key } : undefined;
    } catch (error) {
      // Several keys without a kid to choose by, or a key that cannot be imported, are no key for this token either.
      if (!(error instanceof errors.JWKSNoMatchingKey))
        this.#log.debug({ kid, err: error }, 'no key of the set can be used');
      return undefined;
    }
  }

  /** True when the set is here. Those who come while a fetch runs share it. */
  #fetch(): Promise<boolean> {
    if (this.#failedAtMs !== undefined && this.#sinceMs(this.#failedAtMs) < retryAfterFailureMs)
      return Promise.resolve(false);
    this.#fetching ??= this.#fetchNow().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetchNow(): Promise<boolean> {
    try {
      await this.#set.reload();
      this.#fetchedAtMs = this.#clock.monotonicMs();
      this.#failedAtMs = undefined;
      this.#log.info({ keys: this.#set.jwks()?.keys.length }, 'key set fetched');
      return true;
    } catch (error) {
      this.#failedAtMs = this.#clock.monotonicMs();
      const keepsOld = this.#fetchedAtMs !== undefined;
      this.#log.warn({ err: error, keepsOld }, 'key set cannot be fetched');
      return false;
    }
  }

  #sinceMs(atMs: number | undefined): number {
    return this.#clock.monotonicMs() - (atMs ?? Number.NEGATIVE_INFINITY);
  }

  #unavailable(): AppError {
    return new AppError('KEYS_UNAVAILABLE', {}, { retryAfterMs: retryAfterFailureMs });
  }
}

/** A set is a few kilobytes: whatever answers with more is not one. */
async function fetchBounded(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxSetBytes) throw new Error(`The key set is larger than ${maxSetBytes} bytes`);
    chunks.push(chunk);
  }
  return new Response(chunks.length > 0 ? Buffer.concat(chunks) : null, { status: response.status });
}
