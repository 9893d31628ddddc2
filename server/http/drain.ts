import { AppError } from '../../core/errors.ts';
import type { NodeDrain } from '../cluster/node-drain.ts';
import type { OperatorTokens } from '../cluster/operator-tokens.ts';
import type { Gateway } from '../gateway/create-gateway.ts';
import { jsonAnswer } from '../gateway/error-answer.ts';
import type { HttpHandler } from '../gateway/http-routes.ts';
import { createAddressCheck } from './allowed-address.ts';
import { bearerTokenOf } from './bearer-token.ts';

export const drainPath = '/api/v1/node/drain';

/** Of which there is no more than a reader of logs can wait for. */
const maxDeadlineMs = 3_600_000;
export const defaultDeadlineMs = 60_000;

interface DrainRouteParts {
  readonly drain: NodeDrain;
  readonly tokens: OperatorTokens;
  readonly trustedProxies: readonly string[];
}

/**
 * `POST` with `{"deadlineMs"}` begins, `DELETE` undoes, `GET` says how far it is; each answers a DrainStatus. For this
 * machine alone, with a token under `cluster.secret`; for all others there is nothing at this address.
 */
export function addDrainRoutes(
  gateway: Pick<Gateway, 'route'>,
  { drain, tokens, trustedProxies }: DrainRouteParts,
): void {
  const isLocal = createAddressCheck({ allowedAddresses: ['127.0.0.0/8', '::1/128'], trustedProxies });
  const add = (method: 'GET' | 'POST' | 'DELETE', act: (body: Uint8Array) => void) => {
    const handler: HttpHandler = (request) => {
      if (!isLocal(request)) throw new AppError('ROUTE_NOT_FOUND');
      tokens.verify(bearerTokenOf(request), request);
      act(request.body);
      return jsonAnswer(200, drain.status());
    };
    gateway.route(method, drainPath, handler);
  };
  add('GET', () => {});
  add('POST', (body) => drain.start(readDeadline(body)));
  add('DELETE', () => drain.undo());
}

/** @throws {AppError} BAD_REQUEST */
function readDeadline(body: Uint8Array): number {
  if (body.length === 0) return defaultDeadlineMs;
  let deadlineMs: unknown;
  try {
    ({ deadlineMs = defaultDeadlineMs } = JSON.parse(new TextDecoder().decode(body)) as { deadlineMs?: unknown });
  } catch {
    throw new AppError('BAD_REQUEST', { field: 'body', problem: 'must be JSON' });
  }
  if (typeof deadlineMs === 'number' && deadlineMs >= 0 && deadlineMs <= maxDeadlineMs) return deadlineMs;
  throw new AppError('BAD_REQUEST', { field: 'deadlineMs', problem: `must be from 0 to ${maxDeadlineMs}` });
}
