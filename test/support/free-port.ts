import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** For a server that has to come back at the same address. Others use port 0: somebody may be faster. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
