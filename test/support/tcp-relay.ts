// A network between a page and its server that a test can cut.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpRelay extends AsyncDisposable {
  /** The server's URL as it is reached through here. */
  readonly url: string;
  /** Cuts every connection at once, without a goodbye, and lets none through until `mend`. */
  cut(): void;
  /** Connections stay, and new ones are taken, but nothing moves until `mend`: a stopped process, or a path that loses all. */
  stall(): void;
  mend(): void;
  /** The server is elsewhere now. */
  moveTo(target: string): void;
}

/** `at`: where it listens, a free port of 127.0.0.1 by default. */
export async function startTcpRelay(
  target: string,
  { at = {} }: { readonly at?: { readonly host?: string; readonly port?: number } } = {},
): Promise<TcpRelay> {
  const { host = '127.0.0.1', port: listenPort = 0 } = at;
  let { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isCut = false;
  let isStalled = false;
  const pairs = new Set<{ readonly client: Socket; readonly upstream: Socket }>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A reset is what a cut looks like from the other side.
    socket.on('error', () => {});
  };
  const server = createServer((client) => {
    keep(client);
    if (isCut) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(Number(port), hostname);
    keep(upstream);
    const pair = { client, upstream };
    pairs.add(pair);
    if (!isStalled) client.pipe(upstream).pipe(client);
    client.once('close', () => {
      pairs.delete(pair);
      upstream.destroy();
    });
    upstream.once('close', () => client.destroy());
  });
  server.listen(listenPort, host);
  await once(server, 'listening');
  const { port: ownPort } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${ownPort}`,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.resetAndDestroy();
    },
    stall() {
      isStalled = true;
      for (const { client, upstream } of pairs) {
        client.unpipe(upstream);
        upstream.unpipe(client);
      }
    },
    mend() {
      isCut = false;
      if (isStalled) for (const { client, upstream } of pairs) client.pipe(upstream).pipe(client);
      isStalled = false;
    },
    moveTo(next) {
      ({ hostname, port } = new URL(next));
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
