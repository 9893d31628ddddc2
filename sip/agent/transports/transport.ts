import type { Endpoint, Protocol } from './endpoint.ts';
import type { Flow } from './flow.ts';
import type { Listening } from './listen.ts';

/** Told by every kind of transport. Nothing is thrown back. */
export interface TransportUser {
  /** A whole message, not parsed. */
  received(bytes: Buffer, flow: Flow): void;
  /** The other side answered a ping (`pong`), or sent anything else that is no message. */
  alive?(flow: Flow, pong?: boolean): void;
  /** Bytes that leave: a message, or what keeps the way open. Before it is known whether they arrive. */
  sent?(bytes: Uint8Array, flow: Flow): void;
  closed(flow: Flow, why: string): void;
  /** Something was thrown away: `connections`, `source`, `framing`, `idle`, `queue`, `origin`, `noise`, `tls`, `pong`. */
  dropped(what: string, remote: Endpoint): void;
  /** Whether this address may speak to us at all; asked before anything of it is read. */
  admits(remote: Endpoint): boolean;
}

/** Listens on one address, and connects from it. */
export interface Transport {
  readonly protocol: Protocol;
  readonly listening: Listening;
  readonly flows: number;
  /**
   * The way to there: one that is open already, or a new one.
   * @param serverName what a certificate has to be for (TLS, WSS).
   * @throws {TransportError}
   */
  flowTo(remote: Endpoint, serverName?: string): Promise<Flow>;
  close(): Promise<void>;
}
