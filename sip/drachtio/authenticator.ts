import type { DigestAlgorithm } from '../agent/digest/algorithms.ts';
import { DigestServer, type FindUserHash } from '../agent/digest/digest-server.ts';
import type { Nonces } from '../agent/digest/nonces.ts';
import type { SipHeaders } from '../agent/messages/sip-headers.ts';
import type { Source } from './incoming-call.ts';
import type { SrfHeaders } from './srf.ts';

export interface AuthenticatorOptions {
  readonly realm: string;
  readonly nonces: Nonces;
  /** The H(A1) of a user, by the algorithm that was chosen. */
  readonly find: FindUserHash;
  /** One challenge each, in this order; the strongest first by default. See {@link md5First}. */
  readonly algorithms?: readonly DigestAlgorithm[];
  /** `proxy`: 407 and its headers, for calls that only pass through here. */
  readonly as?: 'server' | 'proxy';
  /** Somebody did not know a password: too many of these are a ban. */
  readonly refused?: (source: Source) => void;
}

/**
 * For phones that look at the first challenge only and know nothing but MD5: of several they would answer none. Whoever knows better
 * uses MD5 then, too.
 */
export const md5First: readonly DigestAlgorithm[] = ['MD5', 'SHA-256', 'SHA-512-256'];

export interface AuthenticatedRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers: SipHeaders;
  readonly body: string;
  readonly source: Source;
}

/** Who it is, or what the request is to be answered with. */
export type Authentication =
  | { readonly user: string }
  | { readonly user: undefined; readonly status: 400 | 401 | 403 | 407; readonly headers: SrfHeaders };

/** Asks who sends a request, by what phones really do. */
export class Authenticator {
  readonly #digest: DigestServer;
  readonly #options: AuthenticatorOptions;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#digest = new DigestServer(options.realm, options.nonces, options.algorithms);
  }

  async check({ method, uri, headers, body, source }: AuthenticatedRequest): Promise<Authentication> {
    const { as = 'server', find, refused } = this.#options;
    const credentials = headers.all(as === 'server' ? 'Authorization' : 'Proxy-Authorization');
    const verdict = await this.#digest.verify({ method, uri, body: Buffer.from(body), credentials }, find);
    if (verdict.outcome === 'verified') return { user: verdict.user };
    if (verdict.outcome !== 'refused') return this.#challenge(verdict.outcome === 'stale');
    if (verdict.why === 'malformed') return { user: undefined, status: 400, headers: {} };
    // The password was right. sip.js sends what it sent the last time once more, count and all; and a nonce of before a restart is none
    // of ours any more. A refusal would lock both out, and a new nonce tells a thief of credentials nothing.
    if (verdict.why === 'replay' || verdict.why === 'nonce') return this.#challenge(true);
    refused?.(source);
    return { user: undefined, status: 403, headers: {} };
  }

  #challenge(stale: boolean): Authentication {
    const values = this.#digest.challenge(stale).join(', ');
    return this.#options.as === 'proxy'
      ? { user: undefined, status: 407, headers: { 'Proxy-Authenticate': values } }
      : { user: undefined, status: 401, headers: { 'WWW-Authenticate': values } };
  }
}
