// Says why a port cannot be had: the engine answers a listen with yes or no.

import { createServer } from 'node:net';
import { StartError } from '../start-error.ts';

/** Asks the system once more, for the reason. */
export async function explainListenFailure(host: string, port: number): Promise<StartError> {
  const cause = await tryToListen(host, port);
  const [reason, mend] = describe(cause?.code, host, port);
  return new StartError('listening', reason, { mend, cause });
}

function describe(code: string | undefined, host: string, port: number): [reason: string, mend: string] {
  switch (code) {
    case 'EADDRINUSE':
      return [
        `The port ${port} of ${host} is taken by another process.`,
        'Stop that process, or set gateway.port (--port) to another one.',
      ];
    case 'EACCES':
      return [
        `This user may not listen on the port ${port}.`,
        'Take a port above 1023, or grant the capability CAP_NET_BIND_SERVICE.',
      ];
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [
        `${host} is not an address of this machine.`,
        'Set gateway.host (--host) to one of its addresses, or to 0.0.0.0 for all.',
      ];
    default:
      return [
        `The port ${port} of ${host} cannot be had: ${code ?? 'another process had it for a moment'}.`,
        'Try again, or set gateway.host and gateway.port.',
      ];
  }
}

function tryToListen(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
