import { once } from 'node:events';
import { connect as connectTcp, createServer as createTcpServer, isIP, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { parseAddress } from '../../../core/ip-address.ts';
import { type Endpoint, formatEndpoint } from './endpoint.ts';
import type { Flow } from './flow.ts';
import type { Listen, Listening, TransportLimits } from './listen.ts';
import { OwnAddress } from './own-address.ts';
import { SourceCount } from './source-count.ts';
import { StreamFlow } from './stream-flow.ts';
import type { Transport, TransportUser } from './transport.ts';
import { TransportError } from './transport-error.ts';

/** TCP, or TLS over it. */
export class StreamTransport implements Transport {
  readonly protocol: 'TCP' | 'TLS';
  readonly listening: Listening;
  readonly #server: Server;
  readonly #listen: Listen;
  readonly #own: OwnAddress;
  readonly #limits: TransportLimits;
  readonly #user: TransportUser;
  readonly #flows = new Map<string, StreamFlow>();
  readonly #sources: SourceCount;
  /** By whom they are for, so that messages of one turn share a connection. */
  readonly #connecting = new Map<string, Promise<Flow>>();
  /** TLS: those that have not shaken hands, by whom they are of. */
  readonly #strangers = new Map<string, Socket>();
  /** Of ours, that are no flows yet. */
  readonly #young = new Set<Socket>();
  #closed = false;

  /** @throws what the system says when it cannot listen there, or with a certificate that is none. */
  static async open(listen: Listen, limits: TransportLimits, user: TransportUser): Promise<StreamTransport> {
    const { tls, address, port } = listen;
    const server =
      listen.protocol === 'TLS'
        ? createTlsServer({ ...tls, handshakeTimeout: limits.connectMs, minVersion: 'TLSv1.2' })
        : createTcpServer();
    server.maxConnections = limits.connections;
    server.listen({ port, host: address, ipv6Only: address.includes(':'), backlog: 1_024 });
    await once(server, 'listening');
    return new StreamTransport(server, listen, limits, user);
  }

  private constructor(server: Server, listen: Listen, limits: TransportLimits, user: TransportUser) {
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : listen.port;
    this.protocol = listen.protocol === 'TLS' ? 'TLS' : 'TCP';
    this.listening = { protocol: this.protocol, address: listen.address, port };
    this.#server = server;
    this.#listen = listen;
    this.#limits = limits;
    this.#user = user;
    this.#own = new OwnAddress(this.listening, listen.advertise);
    this.#sources = new SourceCount(limits.connectionsPerSource);
    // Before a handshake of TLS, which costs more than all the rest.
    server.on('connection', (socket: Socket) => this.#admit(socket));
    server.on('drop', (about) => this.#user.dropped('connections', { ...nobody, address: about?.remoteAddress ?? '' }));
    // The system has nothing left to take a connection with: the next one may be luckier.
    server.on('error', () => this.#user.dropped('connections', nobody));
    if (this.protocol === 'TLS') {
      server.on('secureConnection', (socket: TLSSocket) => {
        this.#strangers.delete(formatEndpoint(remoteOf(socket)));
        this.#take(socket);
      });
      server.on('tlsClientError', (_error, socket: TLSSocket) => {
        this.#user.dropped('tls', remoteOf(socket));
        socket.destroy();
      });
    }
  }

  get flows(): number {
    return this.#flows.size;
  }

  async flowTo(remote: Endpoint, serverName?: string): Promise<Flow> {
    for (const flow of this.#flows.values()) if (flow.open && this.#leadsTo(flow, remote, serverName)) return flow;
    const key = `${formatEndpoint(remote)} ${serverName ?? ''}`;
    const under = this.#connecting.get(key);
    if (under !== undefined) return under;
    const connecting = this.#connect(remote, serverName).finally(() => this.#connecting.delete(key));
    this.#connecting.set(key, connecting);
    return connecting;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#young) socket.destroy(new TransportError('CLOSED', `${this.protocol} is closed`));
    for (const flow of this.#flows.values()) flow.close();
    for (const socket of this.#strangers.values()) socket.destroy();
    await closed;
  }

  /** A name is not proven by an address: over TLS only a connection whose certificate was checked for it will do. */
  #leadsTo(flow: StreamFlow, remote: Endpoint, serverName: string | undefined): boolean {
    if (flow.remote.address !== remote.address || flow.remote.port !== remote.port) return false;
    return this.protocol === 'TCP' || serverName === undefined || flow.verifiedName === serverName;
  }

  #admit(socket: Socket): void {
    const remote = remoteOf(socket);
    const admitted = this.#user.admits(remote);
    if (!admitted || !this.#sources.enter(remote.address)) {
      if (admitted) this.#user.dropped('source', remote);
      socket.destroy();
      return;
    }
    const key = formatEndpoint(remote);
    socket.once('close', () => {
      this.#sources.leave(remote.address);
      this.#strangers.delete(key);
    });
    if (this.protocol === 'TCP') this.#take(socket);
    else this.#strangers.set(key, socket);
  }

  /** `connectedTo`: by us; over TLS, the name that its certificate was checked for. */
  #take(socket: Socket, connectedTo?: { readonly verifiedName?: string }): StreamFlow {
    const remote = remoteOf(socket);
    const local = { address: parseAddress(socket.localAddress ?? '') ?? '', port: this.listening.port };
    const sentBy = this.#own.towards(remote.address, local.address);
    const about = {
      transport: this.protocol,
      local,
      remote,
      sentBy,
      accepted: connectedTo === undefined,
      ...connectedTo,
    };
    const flow = new StreamFlow(socket, about, this.#limits, {
      received: (bytes, of) => this.#user.received(bytes, of),
      sent: (bytes, of) => this.#user.sent?.(bytes, of),
      alive: (of, answer) => this.#user.alive?.(of, answer),
      dropped: (what, of) => this.#user.dropped(what, of),
      admits: (of) => this.#user.admits(of),
      closed: (of, why) => {
        this.#flows.delete(of.id);
        this.#user.closed(of, why);
      },
    });
    this.#flows.set(flow.id, flow);
    return flow;
  }

  async #connect(remote: Endpoint, serverName: string | undefined): Promise<Flow> {
    const { address, port } = remote;
    const what = `${this.protocol} ${formatEndpoint(remote)}`;
    if (this.#closed) throw new TransportError('CLOSED', what);
    if (this.#flows.size + this.#connecting.size >= this.#limits.connections) {
      throw new TransportError('QUEUE_FULL', 'too many connections');
    }
    const { tls } = this.#listen;
    const name = serverName !== undefined && isIP(serverName) === 0 ? { servername: serverName } : {};
    const socket =
      this.protocol === 'TLS'
        ? connectTls({
            host: address,
            port,
            minVersion: 'TLSv1.2',
            ...name,
            ...(tls?.ca !== undefined && { ca: tls.ca }),
            ...(tls && { cert: tls.cert, key: tls.key }),
          })
        : connectTcp({ host: address, port });
    const deadline = AbortSignal.timeout(this.#limits.connectMs);
    // Whoever waits hears of the first error; another one may come with the end of all.
    socket.on('error', () => {});
    this.#young.add(socket);
    try {
      await once(socket, this.protocol === 'TLS' ? 'secureConnect' : 'connect', { signal: deadline });
    } catch (error) {
      socket.destroy();
      throw deadline.aborted ? new TransportError('TIMEOUT', what) : TransportError.from(error, what);
    } finally {
      this.#young.delete(socket);
    }
    if (socket.destroyed) throw new TransportError('CLOSED', what);
    return this.#take(socket, this.protocol === 'TLS' ? { verifiedName: serverName ?? address } : {});
  }
}

const nobody: Endpoint = { address: '', port: 0 };

function remoteOf(socket: Socket): Endpoint {
  const address = socket.remoteAddress ?? '';
  return { address: parseAddress(address) ?? address, port: socket.remotePort ?? 0 };
}
