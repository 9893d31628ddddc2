import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server on which a test can hold back the answers, and then cut it. */
export interface OneWayRelay extends AsyncDisposable {
  readonly port: number;
  /** What is sent still arrives; no answer does. */
  holdAnswers(): void;
  /** Ends all connections; new ones have their answers. */
  cut(): void;
}

export async function startOneWayRelay(targetPort: number): Promise<OneWayRelay> {
  const sockets = new Set<Socket>();
  let held = false;
  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => {
        for (const both of [client, upstream]) {
          sockets.delete(both);
          both.destroy();
        }
      });
    }
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      if (!held) client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    held = false;
    for (const socket of [...sockets]) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    holdAnswers() {
      held = true;
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
