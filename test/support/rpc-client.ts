// A client of /ws in the words of its subprotocol: what was sent and what came, nothing more.

import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';
import { eventually } from './eventually.ts';

export interface SocketClose {
  readonly code: number;
  readonly reason: string;
}

/** A WebSocket that keeps everything it got, so that no message is missed between two lines of a test. */
export class TestSocket {
  readonly ws: WebSocket;
  /** Texts as parsed JSON, binary messages as bytes. */
  readonly received: unknown[] = [];
  closed: SocketClose | undefined;

  constructor(url: string, subprotocols: string[] = [], options: ClientOptions = {}) {
    this.ws = new WebSocket(url, subprotocols, options);
    this.ws.on('message', (data: Buffer, isBinary) => {
      this.received.push(isBinary ? data : JSON.parse(data.toString()));
    });
    this.ws.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
    // What matters is told by `closed`, or by `opened` rejecting.
    this.ws.on('error', () => {});
  }

  /** @throws {Error} as in `Unexpected server response: 403`. */
  async opened(): Promise<this> {
    if (this.ws.readyState !== WebSocket.OPEN) await once(this.ws, 'open');
    return this;
  }

  /** Objects are sent as JSON. */
  send(message: string | Uint8Array | object): void {
    this.ws.send(typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message));
  }

  /** The message at `index`, as soon as it is there. */
  message(index: number): Promise<unknown> {
    return eventually(() => this.received[index], `message ${index}`);
  }

  /** A call by JSON-RPC and its answer. */
  async call(id: number | string, method: string, params: object = {}): Promise<Answer> {
    this.send({ jsonrpc: '2.0', id, method, params });
    return eventually(() => this.answers().find((answer) => answer.id === id), `the answer ${id} of ${method}`);
  }

  answers(): Answer[] {
    return this.received.filter((message) => (message as Answer).id !== undefined) as Answer[];
  }

  close(): Promise<SocketClose> {
    this.ws.close();
    return this.closing();
  }

  closing(): Promise<SocketClose> {
    return eventually(() => this.closed, 'the close of the socket');
  }
}

export interface Answer {
  readonly id: number | string | null;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data: { reason: string; code: string; details: Record<string, string | number>; retryAfterMs?: number };
  };
}
