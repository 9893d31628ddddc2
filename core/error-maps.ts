// One table: what each code is called in each protocol that we speak.

import type { ErrorCode } from './errors.ts';

interface CodeNames {
  /** https://github.com/grpc/grpc/blob/master/doc/statuscodes.md */
  readonly grpc: number;
  /** RFC 9110 section 15. */
  readonly http: number;
  /** JSON-RPC 2.0 section 5.1: its own where it has one, else -32000 minus gRPC's number. */
  readonly jsonRpc: number;
  /** RFC 6455 section 7.4.2 leaves 4000 to 4999 to applications: 4000 plus the HTTP status. */
  readonly webSocketClose: number;
  /**
   * RFC 3261 section 21. 401 and 407 would ask for a password, 486 says that a person speaks to somebody else, and 503 sends a proxy to
   * the next server: none of them stands for what they do not mean.
   */
  readonly sip: number;
}

function names(grpc: number, http: number, sip: number, jsonRpc = -32000 - grpc): CodeNames {
  return { grpc, http, jsonRpc, webSocketClose: 4000 + http, sip };
}

export const codeNames: Readonly<Record<ErrorCode, CodeNames>> = {
  CANCELLED: names(1, 499, 487),
  UNKNOWN: names(2, 500, 500),
  INVALID_ARGUMENT: names(3, 400, 400, -32602),
  DEADLINE_EXCEEDED: names(4, 408, 408),
  NOT_FOUND: names(5, 404, 404),
  ALREADY_EXISTS: names(6, 409, 480),
  PERMISSION_DENIED: names(7, 403, 403),
  RESOURCE_EXHAUSTED: names(8, 429, 480),
  FAILED_PRECONDITION: names(9, 412, 480),
  ABORTED: names(10, 409, 480),
  OUT_OF_RANGE: names(11, 416, 400),
  UNIMPLEMENTED: names(12, 501, 501, -32601),
  INTERNAL: names(13, 500, 500, -32603),
  UNAVAILABLE: names(14, 503, 503),
  DATA_LOSS: names(15, 500, 500),
  UNAUTHENTICATED: names(16, 401, 403),
};
