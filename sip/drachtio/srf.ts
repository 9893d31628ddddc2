import type { Socket } from 'node:net';
import Srf from 'drachtio-srf';

// What is used of drachtio-srf, as its code is: its own types say other things. Its Dialog, its createUAC and its digest are left
// alone, since a re-INVITE that is refused blocks every later one, hold is told by comparing text, and MD5 is all it knows.

export type SrfHeaders = Record<string, string>;

export interface SrfRequest {
  readonly method: string;
  readonly uri: string;
  /** The whole message. */
  readonly raw: string;
  /** `application` is a BYE that the agent sent by itself. */
  readonly source: 'network' | 'application';
  readonly source_address: string;
  readonly source_port: number;
  readonly protocol: string;
  /** '' outside of a call. */
  readonly stackDialogId: string;
  readonly socket: Socket;
  cancel(options: { headers?: SrfHeaders }, callback: (error: unknown) => void): void;
  on(event: 'response', listener: (response: SrfResponse, ack: SrfAck) => void): void;
  on(event: 'cancel', listener: (cancel: { readonly raw: string }) => void): void;
  on(event: 'update', listener: (request: SrfRequest, response: SrfResponse) => void): void;
}

/** ACK of a final answer, PRACK of a reliable provisional one. */
export type SrfAck = (options?: { body?: string; headers?: SrfHeaders }, callback?: (error: unknown) => void) => void;

export interface SrfResponse {
  readonly status: number;
  readonly raw: string;
  readonly stackDialogId: string;
  send(
    status: number,
    reason: string | undefined,
    options: { headers?: SrfHeaders; body?: string },
    callback?: (error: unknown, sent: { readonly raw: string }) => void,
    acknowledged?: (request: SrfRequest) => void,
  ): void;
}

export interface SrfRequestOptions {
  method: string;
  headers: SrfHeaders;
  body?: string;
  proxy?: string;
  stackDialogId?: string;
}

export interface SrfApp {
  connect(options: { host: string; port: number; secret: string; enablePing: boolean }): void;
  disconnect(): void;
  on(event: 'connect', listener: (error: unknown, hostports: string) => void): void;
  on(event: 'error' | 'close', listener: (error: unknown) => void): void;
  use(listener: (request: SrfRequest, response: SrfResponse, next: () => void) => void): void;
  use(verb: string, listener: (request: SrfRequest, response: SrfResponse, next: () => void) => void): void;
  request(
    uri: string,
    options: SrfRequestOptions,
    callback: (error: unknown, request: SrfRequest | undefined) => void,
  ): void;
  /** Not for others; but only here can an attempt to connect again be called off. */
  readonly app: {
    readonly client?: { readonly wp?: { closing?: boolean; reconnectVars?: { retryTimer?: NodeJS.Timeout | null } } };
  };
}

export function createSrf(): SrfApp {
  return new Srf() as unknown as SrfApp;
}

/**
 * drachtio-srf throws at a status that it has no words for, as one that the other leg was refused with may be: the one of its class goes
 * out then (RFC 3261 section 8.1.3.2).
 */
export function sendStatus(
  response: SrfResponse,
  status: number,
  ...more: Rest<Parameters<SrfResponse['send']>>
): void {
  try {
    response.send(status, ...more);
  } catch {
    response.send(status < 200 ? 183 : Math.floor(status / 100) * 100, ...more);
  }
}

type Rest<All extends readonly unknown[]> = All extends [unknown, ...infer Others] ? Others : never;

/** Whatever its state: connected, or about to try again. */
export function closeSrf(srf: SrfApp): void {
  const wp = srf.app.client?.wp;
  if (wp !== undefined) {
    wp.closing = true;
    clearTimeout(wp.reconnectVars?.retryTimer ?? undefined);
  }
  try {
    srf.disconnect();
  } catch {
    // There is no connection.
  }
}
