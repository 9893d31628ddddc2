// The engine of HTTP and WebSockets for a test, with handlers of the test's own.

import { silentLogger } from '../../core/log.ts';
import type { ListenerHandlers, ListenerOptions, Socket, SocketHandlers } from '../../server/gateway/listener.ts';
import { createUwsListener } from '../../server/gateway/uws.ts';
import { eventually } from './eventually.ts';

export const listenerOptions: ListenerOptions = {
  host: '127.0.0.1',
  port: 0,
  tls: { certFile: '', keyFile: '' },
  maxPlainSockets: 1_000,
  maxRequestBytes: 1_000,
  maxMessageBytes: 10_000,
  maxUnsentBytes: 1_000_000,
  idleTimeoutSeconds: 32,
};

export const refuseAll: ListenerHandlers = {
  request: () => ({ status: 404 }),
  upgrade: () => ({ refusal: { status: 404 } }),
  socketRefused: () => {},
};

/** A listener with these handlers; requests and upgrades that none is given for get 404. */
export async function startListener(handlers: Partial<ListenerHandlers>, overrides: Partial<ListenerOptions> = {}) {
  const listener = createUwsListener({ ...listenerOptions, ...overrides }, { ...refuseAll, ...handlers }, silentLogger);
  const { port } = await listener.listen();
  return {
    listener,
    port,
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    [Symbol.dispose]: () => listener.close(),
  };
}

/** Handlers that keep what happened; `on` adds to them. */
export function recordingSocket(on: Partial<SocketHandlers> = {}) {
  const events: string[] = [];
  let socket: Socket | undefined;
  const handlers: SocketHandlers = {
    opened(opened) {
      socket = opened;
      events.push('opened');
      on.opened?.(opened);
    },
    message(data, isBinary) {
      events.push(`message ${new TextDecoder().decode(data)}`);
      on.message?.(data, isBinary);
    },
    drained() {
      on.drained?.();
    },
    closed(code, reason) {
      events.push(`closed ${code} ${reason}`.trim());
      on.closed?.(code, reason);
    },
  };
  return { handlers, events, socket: () => eventually(() => socket, 'the socket') };
}
