import { randomBytes } from 'node:crypto';
import { type AuthValue, formatAuth, parseAuth } from '../messages/parse-auth.ts';
import { type DigestAlgorithm, digestAlgorithms, digestHash, hashUser, parseAlgorithm } from './algorithms.ts';
import { digestResponse } from './digest-response.ts';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly algorithm: DigestAlgorithm;
  readonly session: boolean;
  readonly qop: 'auth' | 'auth-int' | undefined;
  readonly stale: boolean;
}

const mostNonces = 1_000;

/**
 * Answers challenges with one side's credentials, and counts how often each nonce was used (RFC 7616 section 3.4). One for each
 * registrar or trunk.
 */
export class DigestClient {
  readonly #credentials: Credentials;
  readonly #counts = new Map<string, number>();

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  /**
   * The value of Authorization or Proxy-Authorization for the strongest challenge that is understood; undefined when none is.
   * `again`: the credentials were refused once; then only a stale nonce is worth another attempt.
   */
  answer(
    challenges: readonly string[],
    request: { readonly method: string; readonly uri: string; readonly body: Uint8Array },
    again: boolean,
  ): string | undefined {
    const understood = challenges.flatMap((text) => readChallenge(parseAuth(text)) ?? []);
    const [best] = understood.sort(
      (a, b) => digestAlgorithms.indexOf(a.algorithm) - digestAlgorithms.indexOf(b.algorithm),
    );
    if (best === undefined || (again && !best.stale)) return undefined;
    return this.#answer(best, request);
  }

  #answer(
    challenge: Challenge,
    request: { readonly method: string; readonly uri: string; readonly body: Uint8Array },
  ): string {
    const { algorithm, nonce, realm, opaque, qop, session } = challenge;
    const { user, password } = this.#credentials;
    const cnonce = randomBytes(12).toString('base64url');
    const plain = hashUser(algorithm, user, realm, password);
    const userHash = session ? digestHash(algorithm, plain, nonce, cnonce) : plain;
    const count = this.#count(nonce).toString(16).padStart(8, '0');
    const quality = qop === undefined ? undefined : { qop, count, cnonce, body: request.body };
    const { method, uri } = request;
    const response = digestResponse({ algorithm, userHash, nonce, method, uri, ...(quality && { quality }) });
    const parameters = new Map([
      ['username', user],
      ['realm', realm],
      ['nonce', nonce],
      ['uri', uri],
      ['response', response],
      ['algorithm', session ? `${algorithm}-sess` : algorithm],
    ]);
    if (qop !== undefined) parameters.set('qop', qop).set('nc', count);
    if (qop !== undefined || session) parameters.set('cnonce', cnonce);
    if (opaque !== undefined) parameters.set('opaque', opaque);
    return formatAuth({ scheme: 'digest', parameters }, { bareQop: true });
  }

  #count(nonce: string): number {
    const count = (this.#counts.get(nonce) ?? 0) + 1;
    this.#counts.delete(nonce);
    this.#counts.set(nonce, count);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > mostNonces && oldest !== undefined) this.#counts.delete(oldest);
    return count;
  }
}

function readChallenge(value: AuthValue | undefined): Challenge | undefined {
  if (value?.scheme !== 'digest') return undefined;
  const { parameters } = value;
  const name = parameters.get('algorithm')?.toUpperCase();
  const session = name?.endsWith('-SESS') ?? false;
  const algorithm = parseAlgorithm(session ? name?.slice(0, -'-SESS'.length) : name);
  const [realm, nonce] = [parameters.get('realm'), parameters.get('nonce')];
  const offered = parameters
    .get('qop')
    ?.toLowerCase()
    .split(',')
    .map((qop) => qop.trim());
  // "auth" where there is a choice: bodies are changed on the way by session border controllers.
  const qop = (['auth', 'auth-int'] as const).find((known) => offered?.includes(known));
  if (algorithm === undefined || realm === undefined || nonce === undefined) return undefined;
  if (offered !== undefined && qop === undefined) return undefined;
  const stale = parameters.get('stale')?.toLowerCase() === 'true';
  return { realm, nonce, opaque: parameters.get('opaque'), algorithm, session, qop, stale };
}
