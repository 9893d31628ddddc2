// The only file that speaks to uWebSockets.js. Three facts shape it: a request handler that throws or that returns without
// an answer and without onAborted ends the process; a request is gone when its handler returns, a response when it was
// aborted; a closed WebSocket throws when touched. So nothing outside holds any of the three.

import {
  App,
  DISABLED,
  type HttpRequest,
  type HttpResponse,
  type ListenOptions,
  SSLApp,
  type TemplatedApp,
  type us_listen_socket,
  us_listen_socket_close,
  type us_socket_context_t,
  us_socket_local_port,
  type WebSocket,
  type WebSocketBehavior,
} from 'uWebSockets.js';
import { AppError } from '../../core/errors.ts';
import type { Frame } from '../../core/event-message.ts';
import type { Logger } from '../../core/log.ts';
import { errorAnswer } from './error-answer.ts';
import { explainListenFailure } from './listen-problem.ts';
import type {
  HttpAnswer,
  Listener,
  ListenerHandlers,
  ListenerOptions,
  RequestHead,
  Socket,
  SocketHandlers,
  UpgradeDecision,
} from './listener.ts';
import { PlainSockets } from './plain-sockets.ts';
import { Response } from './response.ts';
import { endOfWrite } from './shared-writes.ts';
import { checkTlsFiles } from './tls-files.ts';

/** What the engine's send answers then: BACKPRESSURE. */
const keptSome = 0;
/** Requests whose body is under way; beyond that 503. Bounds the memory of bodies: times maxRequestBytes. */
const maxOpenRequests = 1_000;
const noBody = new Uint8Array();
const textDecoder = new TextDecoder();

const internalError = errorAnswer(new AppError('INTERNAL'));
const tooBusy: HttpAnswer = {
  ...errorAnswer(new AppError('RATE_LIMITED', { what: 'requests at once' }, { retryAfterMs: 1_000 })),
  status: 503,
};

/** What uWebSockets.js carries for each WebSocket. */
interface Attachment {
  readonly handlers: SocketHandlers;
  readonly socket: UwsSocket;
}

/** @throws {StartError} when the TLS files cannot be used. */
export function createUwsListener(options: ListenerOptions, handlers: ListenerHandlers, log: Logger): Listener {
  const { host, port, tls } = options;
  const app = checkTlsFiles(tls) ? SSLApp({ cert_file_name: tls.certFile, key_file_name: tls.keyFile }) : App();
  const plainSockets = new PlainSockets({ max: options.maxPlainSockets, onRefused: handlers.socketRefused, log });
  // Told of each TCP connection as it comes (1) and, unless it became a WebSocket, as it goes (-1).
  const countSocket = (res: HttpResponse, change: number): void => {
    if (change < 0) plainSockets.closed();
    else if (!plainSockets.opened()) res.close();
  };
  app.filter((res, change) => countSocket(res, Number(change)));
  app.ws<Attachment>('/*', webSocketBehavior(options, handlers, plainSockets, log));
  const openRequests = new Set<Response>();
  app.any('/*', (res, req) => answerRequest(res, req, openRequests, options.maxRequestBytes, handlers, log));

  let listenSocket: us_listen_socket | undefined;
  const stopListening = () => {
    if (listenSocket) us_listen_socket_close(listenSocket);
    listenSocket = undefined;
  };
  return {
    async listen() {
      listenSocket = await listenExclusively(app, host, port);
      if (!listenSocket) throw await explainListenFailure(host, port);
      return { port: us_socket_local_port(listenSocket) };
    },
    stopListening,
    close() {
      // Closed twice, a listen socket would be freed twice: app.close() closes it too.
      listenSocket = undefined;
      app.close();
    },
  };
}

/** LIBUS_LISTEN_EXCLUSIVE_PORT. Without it two processes share a port unasked. */
const exclusivePort: ListenOptions = 1;

/** The typings lack this form of listen. */
type ListenWithOptions = (
  host: string,
  port: number,
  options: ListenOptions,
  callback: (socket: us_listen_socket | false) => void,
) => void;

function listenExclusively(app: TemplatedApp, host: string, port: number) {
  return new Promise<us_listen_socket | undefined>((resolve) => {
    const listen = app.listen.bind(app) as unknown as ListenWithOptions;
    listen(host, port, exclusivePort, (socket) => resolve(socket || undefined));
  });
}

function webSocketBehavior(
  { maxMessageBytes, maxUnsentBytes, idleTimeoutSeconds }: ListenerOptions,
  { upgrade }: ListenerHandlers,
  plainSockets: PlainSockets,
  log: Logger,
): WebSocketBehavior<Attachment> {
  return {
    compression: DISABLED,
    maxPayloadLength: maxMessageBytes,
    maxBackpressure: maxUnsentBytes,
    closeOnBackpressureLimit: true,
    maxLifetime: 0,
    idleTimeout: idleTimeoutSeconds,
    sendPingsAutomatically: true,
    upgrade(res, req, context) {
      decideUpgrade(res, req, context, upgrade, log);
    },
    open(ws) {
      plainSockets.upgraded();
      const { handlers, socket } = ws.getUserData();
      socket.attach(ws);
      guard(socket, log, () => handlers.opened(socket));
    },
    message(ws, data, isBinary) {
      const { handlers, socket } = ws.getUserData();
      try {
        handlers.message(data, isBinary);
      } catch (error) {
        fail(socket, log, error);
      }
    },
    drain(ws) {
      const { handlers, socket } = ws.getUserData();
      guard(socket, log, () => handlers.drained());
    },
    dropped() {
      log.error({}, 'a message was dropped at the fuse: the policy for slow readers came too late');
    },
    close(ws, code, reason) {
      const { handlers, socket } = ws.getUserData();
      socket.detach();
      guard(socket, log, () => handlers.closed(code, textDecoder.decode(reason)));
    },
  };
}

/** Everything in one turn: the request is gone afterwards. Who it is, is asked in the first message. */
function decideUpgrade(
  res: HttpResponse,
  req: HttpRequest,
  context: us_socket_context_t,
  upgrade: (head: RequestHead) => UpgradeDecision,
  log: Logger,
): void {
  const response = new Response(res);
  let accepted: SocketHandlers | undefined;
  let socket: UwsSocket | undefined;
  try {
    const head = copyHead(res, req);
    const decision = upgrade(head);
    if ('refusal' in decision) {
      response.send(decision.refusal);
      return;
    }
    accepted = decision.handlers;
    socket = new UwsSocket();
    res.upgrade<Attachment>(
      { handlers: accepted, socket },
      head.headers['sec-websocket-key'] ?? '',
      decision.subprotocol,
      // Compression stays off: no extension is taken up.
      '',
      context,
    );
  } catch (error) {
    log.error({ err: error }, 'an upgrade failed');
    if (socket?.wasOpened) return;
    accepted?.closed(1006, '');
    response.send(internalError);
  }
}

function guard(socket: UwsSocket, log: Logger, run: () => void): void {
  try {
    run();
  } catch (error) {
    fail(socket, log, error);
  }
}

function fail(socket: UwsSocket, log: Logger, error: unknown): void {
  log.error({ err: error }, 'a WebSocket handler threw');
  // RFC 6455 section 7.4.1: 1011 is an unexpected condition of the server.
  socket.end(1011, 'INTERNAL');
}

/** A WebSocket that knows when it is closed. `end` closes within the call: what is told of that finds it detached. */
class UwsSocket implements Socket {
  #ws: WebSocket<Attachment> | undefined;
  wasOpened = false;

  attach(ws: WebSocket<Attachment>): void {
    this.#ws = ws;
    this.wasOpened = true;
  }

  detach(): void {
    this.#ws = undefined;
  }

  send(frame: Frame, isBinary: boolean): boolean {
    return this.#ws?.send(frame, isBinary) !== keptSome;
  }

  sendAll(frames: readonly Frame[], isBinary: boolean, start = 0): number {
    let next = start;
    while (next < frames.length) {
      const end = endOfWrite(frames, next);
      this.#ws?.cork(() => {
        for (; next < end; next++) this.#ws?.send(frames[next] as Frame, isBinary);
      });
      next = end;
      if (this.unsentBytes() > 0) break;
    }
    return next;
  }

  unsentBytes(): number {
    return this.#ws?.getBufferedAmount() ?? 0;
  }

  end(code: number, reason: string): void {
    const ws = this.#ws;
    this.#ws = undefined;
    ws?.end(code, reason);
  }
}

function answerRequest(
  res: HttpResponse,
  req: HttpRequest,
  open: Set<Response>,
  maxRequestBytes: number,
  handlers: ListenerHandlers,
  log: Logger,
): void {
  const response = new Response(res);
  const answerWith = async (make: () => HttpAnswer | Promise<HttpAnswer>, closeConnection = false) => {
    try {
      response.send(await make(), closeConnection);
    } catch (error) {
      log.error({ err: error }, 'an HTTP handler threw');
      response.send(internalError);
    }
  };
  try {
    const head = copyHead(res, req);
    const bodyTooLarge = (): HttpAnswer => ({
      ...errorAnswer(new AppError('REQUEST_TOO_LARGE', { maxBytes: maxRequestBytes })),
      status: 413,
    });
    response.withoutBody = head.method === 'HEAD';
    const outcome = handlers.request(head);
    const declaredBytes = Number(head.headers['content-length'] ?? 0);
    if (typeof outcome !== 'function') response.send(outcome);
    // A body means nothing here (RFC 9110 section 9.3.1): who promises one must not hold up the answer.
    else if (isSafe(head.method)) void answerWith(() => outcome(noBody), declaredBytes > 0);
    else if (declaredBytes > maxRequestBytes) response.send(bodyTooLarge(), true);
    else if (open.size >= maxOpenRequests) response.send(tooBusy, true);
    else {
      response.countAs(open);
      readBody(res, maxRequestBytes, (body) => {
        if (body) void answerWith(() => outcome(body));
        else response.send(bodyTooLarge(), true);
      });
    }
  } catch (error) {
    log.error({ err: error }, 'an HTTP handler threw');
    response.send(internalError);
  }
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Calls back once: with the body, or with undefined as soon as it is too large. Not at all when the client goes away. */
function readBody(res: HttpResponse, maxBytes: number, done: (body: Uint8Array | undefined) => void): void {
  let chunks: Uint8Array[] | undefined = [];
  let size = 0;
  res.onData((chunk, isLast) => {
    if (!chunks) return;
    size += chunk.byteLength;
    if (size > maxBytes) {
      chunks = undefined;
      done(undefined);
      return;
    }
    // A copy: the chunk is gone when this returns.
    chunks.push(new Uint8Array(chunk.slice(0)));
    if (!isLast) return;
    const body = Buffer.concat(chunks, size);
    chunks = undefined;
    done(body);
  });
}

function copyHead(res: HttpResponse, req: HttpRequest): RequestHead {
  const headers: Record<string, string> = Object.create(null);
  req.forEach((name, value) => {
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  });
  return {
    method: req.getCaseSensitiveMethod().toUpperCase(),
    path: req.getUrl(),
    query: req.getQuery(),
    headers,
    peerAddress: textDecoder.decode(res.getRemoteAddressAsText()),
  };
}
