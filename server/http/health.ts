import { jsonAnswer } from '../gateway/error-answer.ts';
import type { HttpHandler } from '../gateway/http-routes.ts';

/** `GET /health`: the process answers. An orchestrator restarts what does not. */
export const healthHandler: HttpHandler = () => jsonAnswer(200, { status: 'ok' });

export interface Readiness {
  /** What keeps this server from taking work. */
  readonly obstacles: readonly string[];
  /** What it cannot do although it is to be used. */
  readonly limitations: readonly string[];
}

/**
 * `GET /ready`: 200 while this server can take work, else 503 with what stands in the way; a balancer looks here. What is
 * limited stays 200: to turn everybody away would take calls and history from them as well.
 */
export function createReadyHandler(look: () => Readiness): HttpHandler {
  return () => {
    const { obstacles, limitations } = look();
    if (obstacles.length > 0) return jsonAnswer(503, { status: 'not ready', reasons: [...obstacles, ...limitations] });
    return jsonAnswer(200, { status: 'ready', ...(limitations.length > 0 ? { degraded: limitations } : {}) });
  };
}
