import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what systems take for outgoing connections (Linux 32768, RFC 6335 49152): such a port would be gone before its server starts. */
const lowest = 20_000;
const highest = 32_000;
const given = new Set<number>();

/** For a server that has to come back at the same address. Others use port 0: somebody may be faster. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}
