import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { isPrivateAddress, listenAddresses } from '../../media/announced-address.ts';
import type { Config } from '../config/schema.ts';
import { broken, type Check, type Finding, fine, warning } from './check.ts';

export const checkGatewayPort: Check = async ({ gateway: { host, port } }) => {
  const problem = await findTcpProblem(host, port);
  if (problem === undefined)
    return [fine('Port', port === 0 ? `a free one of ${host}` : `${host} port ${port} can be listened on`)];
  return [broken('Port', `${host} port ${port}: ${problem}`, 'gateway.port (--port) or gateway.host (--host)')];
};

export const checkMediaAddress: Check = ({ dev, media }) => {
  const announced = listenAddresses(media).map((address) => address.announced);
  const shown = announced.join(', ');
  if (!announced.every(isPrivateAddress)) return [fine('Media address', `clients are told to send media to ${shown}`)];
  if (dev) return [fine('Media address', `${shown}: for browsers on this machine`)];
  return [
    warning(
      'Media address',
      `clients are told to send media to ${shown}, which the internet does not reach`,
      'media.announcedAddress (PARLEY_MEDIA_ANNOUNCED_ADDRESS): the public address of this server',
    ),
  ];
};

/** The ports that the workers would take, on each address and by both protocols. */
export const checkMediaPorts: Check = async ({ media }) => {
  const workers = media.workers || Math.max(availableParallelism() - 1, 1);
  const ports = media.port === 0 ? [0] : Array.from({ length: workers }, (_, index) => media.port + index);
  const addresses = listenAddresses(media).map(({ ip }) => ip);
  const findings: Finding[] = [];
  for (const ip of addresses) {
    for (const port of ports) {
      const [udp, tcp] = await Promise.all([findUdpProblem(ip, port), findTcpProblem(ip, port)]);
      const problems = [udp && `UDP: ${udp}`, tcp && `TCP: ${tcp}`].filter(Boolean);
      if (problems.length === 0) continue;
      const isForeign = problems.some((problem) => problem?.includes('not an address'));
      const mend = isForeign
        ? 'media.listenIp (PARLEY_MEDIA_LISTEN_IP)'
        : 'media.port (PARLEY_MEDIA_PORT): the first of the ports';
      findings.push(broken('Media ports', `${ip} port ${port}, ${problems.join(', ')}`, mend));
    }
  }
  if (findings.length > 0) return findings;
  const range = ports.length > 1 ? `${ports[0]} to ${ports.at(-1)}` : ports[0] || 'free ones';
  return [fine('Media ports', `UDP and TCP ${range} on ${addresses.join(', ')}`)];
};

/** What SIP would listen on. */
export const checkSipPorts: Check = async ({ sip }) => {
  if (!sip.enabled) return [];
  if (sip.drachtio.host !== '') {
    const { host, port, tls } = sip.drachtio;
    return [fine('SIP', `the drachtio-server at ${host} port ${port} does its work${tls ? ', by TLS' : ''}`)];
  }
  const findings: Finding[] = [];
  for (const { protocol, address, port } of sip.listen) {
    const find = protocol === 'UDP' ? findUdpProblem : findTcpProblem;
    const problem = await find(address, port);
    const place = `${protocol} ${address} port ${port}`;
    if (problem !== undefined) findings.push(broken('SIP', `${place}: ${problem}`, 'sip.listen (PARLEY_SIP_LISTEN)'));
    else findings.push(fine('SIP', port === 0 ? `${protocol} ${address}, a free port` : `${place} can be listened on`));
  }
  return findings;
};

/** A Parley that is running has its ports, as it should. */
export async function answersAsParley({ gateway: { host, port, tls } }: Config): Promise<boolean> {
  if (port === 0 || tls.certFile !== '') return false;
  try {
    const response = await fetch(`${localUrl(host, port)}/health`, { signal: AbortSignal.timeout(1_000) });
    return ((await response.json()) as { status?: unknown }).status === 'ok';
  } catch {
    return false;
  }
}

/** Where a server that listens on this host answers on its own machine. */
export function localUrl(host: string, port: number): string {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

async function findTcpProblem(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return describe(error);
  } finally {
    server.close();
  }
}

async function findUdpProblem(address: string, port: number): Promise<string | undefined> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  try {
    socket.bind({ address, port, exclusive: true });
    await once(socket, 'listening');
    return undefined;
  } catch (error) {
    return describe(error);
  } finally {
    socket.close();
  }
}

function describe(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return 'taken by another process';
  if (code === 'EACCES') return 'this user may not listen there';
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'not an address of this machine';
  return message;
}
