import { jsonAnswer } from '../gateway/error-answer.ts';
import type { HttpHandler } from '../gateway/http-routes.ts';

/** `GET /health`: the process answers. An orchestrator restarts what does not. */
export const healthHandler: HttpHandler = () => jsonAnswer(200, { status: 'ok' });

/** `GET /ready`: 200 while this server can take work, else 503 with what stands in the way; a balancer looks here. */
export function createReadyHandler(findObstacles: () => readonly string[]): HttpHandler {
  return () => {
    const obstacles = findObstacles();
    if (obstacles.length === 0) return jsonAnswer(200, { status: 'ready' });
    return jsonAnswer(503, { status: 'not ready', reasons: obstacles });
  };
}
