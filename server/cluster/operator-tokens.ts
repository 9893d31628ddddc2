import { NodeTokens } from '../../cluster/rpc/node-tokens.ts';
import type { Clock } from '../../core/clock.ts';

/** Who signs, and whom it is meant for: whichever node listens there. */
const operator = 'operator';

export interface OperatorRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array;
}

/** What people ask of a node by HTTP, signed under `cluster.secret` as calls between nodes are, and good for a minute. */
export class OperatorTokens {
  readonly #tokens: NodeTokens;

  constructor(parts: { readonly secret: string; readonly clock: Pick<Clock, 'nowMs'> }) {
    this.#tokens = new NodeTokens(parts);
  }

  sign(request: OperatorRequest): string {
    return this.#tokens.sign(operator, toCall(request));
  }

  /** @throws {AppError} NODE_TOKEN_REFUSED */
  verify(token: string, request: OperatorRequest): void {
    this.#tokens.verify(token, toCall(request));
  }
}

function toCall({ method, path, body }: OperatorRequest) {
  return { to: operator, path: `${method} ${path}`, body };
}
