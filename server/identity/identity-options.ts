/** The algorithms that tokens may be signed with; each key is pinned to one (RFC 7518 section 3.1). */
export type TokenAlgorithm = 'HS256' | 'RS256' | 'ES256';

/** One key that verifies tokens. */
export interface TokenKey {
  /** Matches the token's `kid`; a token without one is tried with the only key, if there is just one. */
  readonly kid: string;
  readonly algorithm: TokenAlgorithm;
  /** HS256: the secret, at least 32 bytes. */
  readonly secret: string;
  /** HS256: a file with the secret. RS256 and ES256: a PEM file with the public key. */
  readonly file: string;
}

export interface IdentityOptions {
  readonly keys: readonly TokenKey[];
  /** A JSON Web Key Set (RFC 7517) to fetch; empty: none. */
  readonly jwksUrl: string;
  /** What the keys of the set may sign with. */
  readonly jwksAlgorithms: readonly TokenAlgorithm[];
  /** Tokens must say so in `iss`; empty: any. */
  readonly issuer: string;
  /** Tokens must say so in `aud`; empty: any. */
  readonly audience: string;
  /** Tolerated difference of clocks. */
  readonly leewaySeconds: number;
}
