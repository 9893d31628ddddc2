import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that the system gives to whoever asks for any: between the choice and its use nobody is given it. */
const [first, count, share] = [10_000, 20_000, 100];
/** Each process of tests begins somewhere else. */
let next = (process.pid * share) % count;

/** A port at 127.0.0.1 that is free over UDP and TCP, with `more` behind it that are free too, for a program that wants it told. */
export async function findSipPort(more = 0): Promise<number> {
  for (let left = count; left > 0; left -= 1) {
    const port = first + next;
    next = (next + 1 + more) % (count - more);
    const ports = Array.from({ length: 1 + more }, (_, at) => port + at);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return port;
  }
  throw new Error('no port is free');
}

async function isFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  const server = createServer();
  const bound = [once(socket, 'listening'), once(server, 'listening')];
  socket.bind(port, '127.0.0.1');
  server.listen(port, '127.0.0.1');
  const outcomes = await Promise.allSettled(bound);
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  await new Promise((resolve) => server.close(resolve));
  return outcomes.every(({ status }) => status === 'fulfilled');
}
