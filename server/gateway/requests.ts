// Where an HTTP request goes: a route, the web page, or an error that says what was wrong.

import { AppError, toAppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { Admission } from './admission.ts';
import { errorAnswer } from './error-answer.ts';
import { countRefusal, type GatewayCounters } from './gateway-stats.ts';
import type { HttpRoutes } from './http-routes.ts';
import type { BodyHandler, HttpAnswer, RequestHead } from './listener.ts';
import type { StaticFiles } from './static-files.ts';
import { webSocketPaths } from './upgrades.ts';

export interface RequestParts {
  readonly log: Logger;
  readonly counters: GatewayCounters;
  readonly admission: Admission;
  readonly routes: HttpRoutes;
  /** Undefined while it is not loaded and where none is served. */
  readonly page: () => StaticFiles | undefined;
  readonly clientAddress: (head: RequestHead) => string;
}

export function createRequests(parts: RequestParts): (head: RequestHead) => HttpAnswer | BodyHandler {
  const { counters, admission, clientAddress, log } = parts;
  return (head) => {
    counters.httpRequests++;
    try {
      const remoteAddress = clientAddress(head);
      admission.admitRequest(remoteAddress);
      return find(parts, head, remoteAddress);
    } catch (thrown) {
      if (!(thrown instanceof AppError)) log.error({ err: thrown }, 'a request failed');
      const error = toAppError(thrown);
      countRefusal(counters, error.reason);
      return errorAnswer(error);
    }
  };
}

function find({ routes, page }: RequestParts, head: RequestHead, remoteAddress: string): HttpAnswer | BodyHandler {
  const { method, path, headers, peerAddress } = head;
  const query = new URLSearchParams(head.query);
  const routed = routes.find({ method, path, headers, remoteAddress, peerAddress, query });
  if (routed) return routed;
  if (webSocketPaths.includes(path)) return upgradeRequired();
  const file = method === 'GET' || method === 'HEAD' ? page()?.find(head) : undefined;
  if (file) return file;
  throw new AppError('ROUTE_NOT_FOUND');
}

/** RFC 9110 section 15.5.22. */
function upgradeRequired(): HttpAnswer {
  const error = new AppError('BAD_REQUEST', { field: 'Upgrade', problem: 'must be websocket at this address' });
  return { ...errorAnswer(error, { upgrade: 'websocket', connection: 'upgrade' }), status: 426 };
}
