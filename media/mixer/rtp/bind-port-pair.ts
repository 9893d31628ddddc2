import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { PortPairs } from './port-pairs.ts';

/** Two bound sockets. Who has them listens for their errors, and gives the port back to its range when it has closed them. */
export interface BoundPair {
  /** RTP's; RTCP's is the one above it. */
  readonly port: number;
  readonly rtp: Socket;
  readonly rtcp: Socket;
}

/** Ports of a range that other programs have: so many are tried. */
const maxTries = 50;

/**
 * Binds a pair of a range on an address.
 *
 * @throws {AppError} MEDIA_UNAVAILABLE when none is free, or the address is not this machine's.
 */
export async function bindPortPair(
  ports: PortPairs,
  { address, clock }: { readonly address: string; readonly clock: Pick<Clock, 'monotonicMs'> },
): Promise<BoundPair> {
  let cause: unknown;
  for (let tries = 0; tries < maxTries; tries++) {
    const port = ports.take(clock.monotonicMs());
    if (port === undefined) break;
    let rtp: Socket | undefined;
    try {
      rtp = await bind(address, port);
      return { port, rtp, rtcp: await bind(address, port + 1) };
    } catch (error) {
      cause = error;
      rtp?.close();
      ports.release(port, clock.monotonicMs());
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) break;
    }
  }
  throw new AppError('MEDIA_UNAVAILABLE', {}, { cause });
}

function bind(address: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
