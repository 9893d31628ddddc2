import { type DigestAlgorithm, digestHash } from './algorithms.ts';

export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  /** H(A1), as `hashUser` makes it. */
  readonly userHash: string;
  readonly nonce: string;
  readonly method: string;
  /** As the client wrote it in `uri=`. */
  readonly uri: string;
  /** Undefined as in RFC 2069, which some phones still speak. */
  readonly quality?: {
    readonly qop: 'auth' | 'auth-int';
    /** Eight hexadecimal digits. */
    readonly count: string;
    readonly cnonce: string;
    /** For `auth-int`. */
    readonly body: Uint8Array;
  };
}

/** What the parameter `response` has to be (RFC 7616 section 3.4.1). */
export function digestResponse({ algorithm, userHash, nonce, method, uri, quality }: DigestInput): string {
  if (quality === undefined) return digestHash(algorithm, userHash, nonce, digestHash(algorithm, method, uri));
  const { qop, count, cnonce, body } = quality;
  const what = qop === 'auth' ? [method, uri] : [method, uri, digestHash(algorithm, body)];
  return digestHash(algorithm, userHash, nonce, count, cnonce, qop, digestHash(algorithm, ...what));
}
