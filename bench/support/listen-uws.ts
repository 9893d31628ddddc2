import { type TemplatedApp, type us_listen_socket, us_listen_socket_close, us_socket_local_port } from 'uWebSockets.js';

/** Listens on a free port of this machine. */
export async function listenOnUws(app: TemplatedApp): Promise<{ port: number; close(): void }> {
  const socket = await new Promise<us_listen_socket>((resolve, reject) => {
    app.listen('127.0.0.1', 0, (listening) => {
      if (listening) resolve(listening);
      else reject(new Error('no port'));
    });
  });
  return { port: us_socket_local_port(socket), close: () => us_listen_socket_close(socket) };
}
