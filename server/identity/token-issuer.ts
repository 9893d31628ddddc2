import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { readClaims, type WrittenGrant } from './claims.ts';

export interface TokenRequest {
  readonly identity: string;
  readonly name: string;
  readonly metadata?: string;
  readonly grants: readonly { readonly room: string; readonly can: readonly WrittenGrant[] }[];
  readonly ttlSeconds: number;
}

/** Signs tokens that this server accepts: for `parley token` and for guests while developing. */
export interface TokenIssuer {
  /** @throws {AppError} TOKEN_CLAIMS_INVALID when the server would refuse the token. */
  issue(request: TokenRequest): string;
}

export function createTokenIssuer(signer: {
  kid: string;
  /** An HS256 secret. */
  key: KeyObject;
  /** Written into `iss` and `aud`, where the server asks for them. */
  issuer: string;
  audience: string;
}): TokenIssuer {
  return {
    issue({ identity, name, metadata, grants, ttlSeconds }) {
      const issuedAt = Math.floor(Date.now() / 1000);
      const payload = {
        sub: identity,
        name,
        ...(metadata ? { metadata } : {}),
        grants,
        iat: issuedAt,
        exp: issuedAt + ttlSeconds,
        ...(signer.issuer ? { iss: signer.issuer } : {}),
        ...(signer.audience ? { aud: signer.audience } : {}),
      };
      readClaims(payload);
      return jwt.sign(payload, signer.key, { algorithm: 'HS256', keyid: signer.kid });
    },
  };
}
