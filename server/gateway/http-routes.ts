// Which handler answers which request, and what the others get.

import { AppError, toAppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { errorAnswer } from './error-answer.ts';
import type { BodyHandler, HttpAnswer } from './listener.ts';

/** A request as a route's handler gets it: a copy, which may be kept. */
export interface HttpRequest {
  readonly method: HttpMethod;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in small letters; several of one name are joined with commas. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** At most gateway.maxRequestBytes; empty where none was sent. */
  readonly body: Uint8Array;
  /** The client's address; behind trusted proxies the one that they name. */
  readonly remoteAddress: string;
  /** Who is at the other end of the TCP connection: the client or its proxy. */
  readonly peerAddress: string;
}

/** What it throws becomes the answer: an AppError by its code, everything else 500. */
export type HttpHandler = (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type HttpMethod = (typeof methods)[number];

/** A request before its body. HEAD is asked for as GET; the listener leaves the body out. */
export type RoutedRequest = Omit<HttpRequest, 'body' | 'method'> & { readonly method: string };

type Route = Map<string, HttpHandler>;

export class HttpRoutes {
  readonly #routes = new Map<string, Route>();
  /** By what their paths start with; few. */
  readonly #prefixes = new Map<string, Route>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @throws {Error} when the route exists: two handlers for one address are a mistake. */
  add(method: HttpMethod, path: string, handler: HttpHandler): void {
    addTo(this.#routes, method, path, handler);
  }

  /** For all paths that start so; one that starts with more of the path goes before, and an exact one before both. */
  addUnder(method: HttpMethod, prefix: string, handler: HttpHandler): void {
    if (!prefix.endsWith('/')) throw new Error(`${prefix} is no folder of paths`);
    addTo(this.#prefixes, method, prefix, handler);
  }

  /** The answer, or who gives it once the body is there. Undefined where no route has this path. */
  find(request: RoutedRequest): HttpAnswer | BodyHandler | undefined {
    const route = this.#routes.get(request.path) ?? this.#under(request.path);
    if (!route) return undefined;
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const handler = route.get(method);
    if (!handler || !isMethod(method)) return notAllowed(request.method, [...route.keys()]);
    return (body) => this.#run(handler, { ...request, method, body });
  }

  #under(path: string): Route | undefined {
    const prefixes = [...this.#prefixes.keys()].filter((prefix) => path.startsWith(prefix));
    const longest = prefixes.reduce((one, other) => (other.length > one.length ? other : one), '');
    return this.#prefixes.get(longest);
  }

  async #run(handler: HttpHandler, request: HttpRequest): Promise<HttpAnswer> {
    try {
      return await handler(request);
    } catch (thrown) {
      if (!(thrown instanceof AppError)) {
        this.#log.error({ err: thrown, method: request.method, path: request.path }, 'a route failed');
      }
      return errorAnswer(toAppError(thrown));
    }
  }
}

function addTo(routes: Map<string, Route>, method: HttpMethod, path: string, handler: HttpHandler): void {
  const route: Route = routes.get(path) ?? new Map();
  if (route.has(method)) throw new Error(`the route ${method} ${path} exists already`);
  routes.set(path, route.set(method, handler));
}

function isMethod(method: string): method is HttpMethod {
  return methods.some((known) => known === method);
}

/** RFC 9110 section 15.5.6: Allow says what would have been possible. */
function notAllowed(method: string, allowed: readonly string[]): HttpAnswer {
  const names = allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed;
  const error = new AppError('UNKNOWN_METHOD', { method: method.slice(0, 32) });
  return { ...errorAnswer(error, { allow: names.join(', ') }), status: 405 };
}
