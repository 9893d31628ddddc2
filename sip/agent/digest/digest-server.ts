import { timingSafeEqual } from 'node:crypto';
import { type AuthValue, formatAuth, parseAuth } from '../messages/parse-auth.ts';
import { parseUri } from '../messages/parse-uri.ts';
import { sameUri } from '../messages/same-uri.ts';
import { type DigestAlgorithm, digestAlgorithms, digestHash, parseAlgorithm } from './algorithms.ts';
import { digestResponse } from './digest-response.ts';
import type { Nonces } from './nonces.ts';

export type DigestVerdict =
  | { readonly outcome: 'verified'; readonly user: string }
  /** `none`: no credentials for this realm. `stale`: right but for an old nonce. Both want a challenge. */
  | { readonly outcome: 'none' | 'stale' }
  /** For the log and for counting: which it was is never told to the other side. */
  | {
      readonly outcome: 'refused';
      readonly user: string;
      readonly why: 'password' | 'user' | 'uri' | 'nonce' | 'replay' | 'malformed';
    };

export interface DigestRequest {
  readonly method: string;
  /** The Request-URI. */
  readonly uri: string;
  readonly body: Uint8Array;
  /** Values of Authorization, or of Proxy-Authorization. */
  readonly credentials: readonly string[];
}

/** The H(A1) of a user, or undefined when there is none. */
export type FindUserHash = (user: string, algorithm: DigestAlgorithm) => Promise<string | undefined>;

/** Digest authentication of those who send to us (RFC 3261 section 22, RFC 7616, RFC 8760). */
export class DigestServer {
  readonly #realm: string;
  readonly #nonces: Nonces;
  readonly #algorithms: readonly DigestAlgorithm[];

  constructor(realm: string, nonces: Nonces, algorithms: readonly DigestAlgorithm[] = digestAlgorithms) {
    this.#realm = realm;
    this.#nonces = nonces;
    this.#algorithms = algorithms;
  }

  /** Values of WWW-Authenticate or Proxy-Authenticate, one for each algorithm: a client takes the first that it knows. */
  challenge(stale = false): string[] {
    const nonce = this.#nonces.create();
    return this.#algorithms.map((algorithm) => {
      const parameters = new Map([
        ['realm', this.#realm],
        ['nonce', nonce],
        ['algorithm', algorithm],
        ['qop', 'auth'],
        ...(stale ? ([['stale', 'true']] as const) : []),
      ]);
      return formatAuth({ scheme: 'digest', parameters }, { bareQop: false });
    });
  }

  async verify(request: DigestRequest, find: FindUserHash): Promise<DigestVerdict> {
    const values = request.credentials.map(parseAuth);
    const value = values.find((auth) => auth?.scheme === 'digest' && auth.parameters.get('realm') === this.#realm);
    if (value === undefined) return { outcome: 'none' };
    const user = value.parameters.get('username') ?? '';
    const read = readCredentials(value, this.#algorithms, request.body);
    if (read === undefined) return { outcome: 'refused', user, why: 'malformed' };
    if (!meansSame(read.uri, request.uri)) return { outcome: 'refused', user, why: 'uri' };
    const known = await find(user, read.algorithm);
    // Who does not exist costs the same time as who does.
    const userHash = known ?? digestHash(read.algorithm, user, this.#realm, '');
    const right = digestResponse({ ...read, userHash, method: request.method });
    if (!sameText(right, read.response.toLowerCase()) || known === undefined) {
      return { outcome: 'refused', user, why: known === undefined ? 'user' : 'password' };
    }
    // Last, so that nobody without the password uses up the counts of somebody's nonce.
    const nonce = this.#nonces.check(read.nonce, read.number);
    if (nonce === 'good') return { outcome: 'verified', user };
    if (nonce === 'stale') return { outcome: 'stale' };
    return { outcome: 'refused', user, why: nonce === 'forged' ? 'nonce' : 'replay' };
  }
}

function readCredentials({ parameters }: AuthValue, allowed: readonly DigestAlgorithm[], body: Uint8Array) {
  const algorithm = parseAlgorithm(parameters.get('algorithm'));
  const [nonce, uri, response] = [parameters.get('nonce'), parameters.get('uri'), parameters.get('response')];
  if (algorithm === undefined || !allowed.includes(algorithm)) return undefined;
  if (nonce === undefined || uri === undefined || response === undefined) return undefined;
  const qop = parameters.get('qop')?.toLowerCase();
  // Without counts a nonce is good for one request.
  if (qop === undefined) return { algorithm, nonce, uri, response, number: 1 };
  const [count = '', cnonce] = [parameters.get('nc'), parameters.get('cnonce')];
  if (qop !== 'auth' || !/^[\da-f]{8}$/i.test(count) || cnonce === undefined) return undefined;
  const number = Number.parseInt(count, 16);
  return { algorithm, nonce, uri, response, number, quality: { qop, count, cnonce, body } as const };
}

/** Clients write the same place in other ways than the request line does; another place is an attack (RFC 7616 section 5.5). */
function meansSame(said: string, uri: string): boolean {
  if (said === uri) return true;
  const [one, other] = [parseUri(said), parseUri(uri)];
  return one !== undefined && other !== undefined && sameUri(one, other);
}

function sameText(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
