// Port: HTTP and WebSocket on one TCP port. server/gateway/uws.ts is the engine.

import type { Frame } from '../../core/event-message.ts';

/** What a request said before its body, copied: it may be kept. */
export interface RequestHead {
  /** In capitals. */
  readonly method: string;
  /** As it was sent, without the query and not decoded; starts with a slash. */
  readonly path: string;
  /** Behind the question mark, not decoded. */
  readonly query: string;
  /** Names in small letters; several of one name are joined with commas (RFC 9110 section 5.3). */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Who is at the other end of the TCP connection: the client or its proxy. */
  readonly peerAddress: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** Content-Length and Date are added. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Sent as the client reads, instead of a body. */
  readonly file?: FileBody;
}

/** Bytes of a file, `end` not included. */
export interface FileBody {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/** Runs when the body is there. What it throws is answered with 500. */
export type BodyHandler = (body: Uint8Array) => HttpAnswer | Promise<HttpAnswer>;

/** One WebSocket as its connection sees it. Once it is closed everything does nothing. */
export interface Socket {
  /**
   * One message, text unless `isBinary`. Bytes that the kernel does not take at once are kept until it does. False: some are
   * kept, and what else there is should wait until `drained`, for the engine keeps as much memory as it ever needed.
   */
  send(frame: Frame, isBinary: boolean): boolean;
  /** Messages from `start` on, in as few writes as there may be, up to the write of which some is kept. Where the next one is. */
  sendAll(frames: readonly Frame[], isBinary: boolean, start?: number): number;
  /** How many bytes are kept. */
  unsentBytes(): number;
  /** Closes with a close frame behind what was sent (RFC 6455 section 5.5.1). `closed` is told before this returns. */
  end(code: number, reason: string): void;
}

/** What happens to one WebSocket, in the order of calls. What a handler throws is logged and closes the socket. */
export interface SocketHandlers {
  opened(socket: Socket): void;
  /** The data is gone when this returns. */
  message(data: ArrayBuffer, isBinary: boolean): void;
  /** Some of the bytes that were kept are on their way; `unsentBytes` says what is left. */
  drained(): void;
  /** Called once, however it ended, also when it never opened. 1006: without a close frame; `reason` is the engine's word. */
  closed(code: number, reason: string): void;
}

export type UpgradeDecision =
  /** `subprotocol` empty: the client asked for none (RFC 6455 section 4.2.2). */
  { readonly handlers: SocketHandlers; readonly subprotocol: string } | { readonly refusal: HttpAnswer };

export interface ListenerHandlers {
  /** Answers at once, or says who answers when the body is there. */
  request(head: RequestHead): HttpAnswer | BodyHandler;
  upgrade(head: RequestHead): UpgradeDecision;
  /** A TCP connection was closed as it came, for there were maxPlainSockets. */
  socketRefused(): void;
}

export interface ListenerOptions {
  readonly host: string;
  /** 0: a free port. */
  readonly port: number;
  /** PEM files; both empty: no TLS. */
  readonly tls: { readonly certFile: string; readonly keyFile: string };
  /** TCP connections that are not WebSockets, at once; beyond that new ones are closed before they say anything. */
  readonly maxPlainSockets: number;
  /** A larger request body is answered with 413. */
  readonly maxRequestBytes: number;
  /** A larger WebSocket message ends the connection without a word: keep it above what you refuse in words. */
  readonly maxMessageBytes: number;
  /** A fuse, not a policy: with more unsent bytes the connection ends without a word. */
  readonly maxUnsentBytes: number;
  /** A WebSocket from which nothing comes, pongs included, for so long is closed. Pings are sent in time. */
  readonly idleTimeoutSeconds: number;
}

export interface Listener {
  /** @throws {StartError} when the port cannot be had. */
  listen(): Promise<{ readonly port: number }>;
  /** Takes no new TCP connections; those that are there go on. */
  stopListening(): void;
  /** Ends every connection at once. */
  close(): void;
}
