// What the SDK needs of a WebSocket: less than the standard says, so that the one of `ws` fits too.

export interface WebSocketLike {
  binaryType: string;
  readonly protocol: string;
  /** 2 and 3: it closes, or is closed. */
  readonly readyState: number;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketClass = new (url: string, protocols: string[]) => WebSocketLike;

/** The URL of the WebSocket: in a page relative to it, `/ws` by default. @throws {TypeError} when it is none. */
export function toWebSocketUrl(url: string | undefined): string {
  const page = (globalThis as { location?: { href: string } }).location?.href;
  const absolute = new URL(url ?? '/ws', page);
  absolute.protocol = absolute.protocol.replace(/^http/, 'ws');
  absolute.hash = '';
  return absolute.href;
}

/** A node that the server names by its origin, or by a whole URL, at the path and with the query of the one that it has. */
export function toNodeUrl(node: string, current: string): string {
  const { pathname, search } = new URL(current);
  const url = new URL(node, current);
  if (url.pathname === '/') url.pathname = pathname;
  if (url.search === '') url.search = search;
  return toWebSocketUrl(url.href);
}
