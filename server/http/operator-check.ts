import { AppError } from '../../core/errors.ts';
import { grantsIn, requireGrant } from '../../signaling/grants.ts';
import type { TokenVerifier } from '../../signaling/token-verifier.ts';
import type { OperatorTokens } from '../cluster/operator-tokens.ts';
import type { HttpRequest } from '../gateway/http-routes.ts';
import { createAddressCheck } from './allowed-address.ts';
import { bearerTokenOf } from './bearer-token.ts';

export interface OperatorCheckParts {
  readonly verifier: TokenVerifier;
  /** Undefined where there is no `cluster.secret`. */
  readonly operators: OperatorTokens | undefined;
  readonly trustedProxies: readonly string[];
}

/** Lets in who has a token that grants `moderate` in every room (`*`), or on this machine one under `cluster.secret`. */
export type OperatorCheck = (request: HttpRequest) => Promise<void>;

/** The check rejects with an AppError. */
export function createOperatorCheck({ verifier, operators, trustedProxies }: OperatorCheckParts): OperatorCheck {
  const isLocal = createAddressCheck({ allowedAddresses: ['127.0.0.0/8', '::1/128'], trustedProxies });
  return async (request) => {
    const token = bearerTokenOf(request);
    if (operators !== undefined && isOfOperator(token)) {
      if (!isLocal(request))
        throw new AppError('NODE_TOKEN_REFUSED', { problem: 'it is good on its own machine only' });
      const { method, path, query, body } = request;
      operators.verify(token, { method, path: withQuery(path, query), body });
      return;
    }
    const { grants } = await verifier.verify(token);
    requireGrant(grantsIn('*', grants), 'moderate');
  };
}

/** What is signed of a request that asks for something. */
function withQuery(path: string, query: URLSearchParams): string {
  return query.size === 0 ? path : `${path}?${query}`;
}

/** `<claims>.<signature>`, where a JSON Web Token has three parts. */
function isOfOperator(token: string): boolean {
  return token.split('.').length === 2;
}
