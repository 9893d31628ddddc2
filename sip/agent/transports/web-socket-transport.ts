import { isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { parseAddress } from '../../../core/ip-address.ts';
import type { HostPort } from '../messages/parse-host-port.ts';
import { type Endpoint, formatEndpoint } from './endpoint.ts';
import type { Flow } from './flow.ts';
import { type Listen, type Listening, type TransportLimits, writeCostBytes } from './listen.ts';
import { OwnAddress } from './own-address.ts';
import { SourceCount } from './source-count.ts';
import type { Transport, TransportUser } from './transport.ts';
import { TransportError } from './transport-error.ts';

/** How often a quiet connection is asked for a sign of life; without one until the next time it is closed. */
const heartbeatMs = 30_000;
const pong = Buffer.from('\r\n');

/** SIP in WebSocket frames (RFC 7118): one message a frame, subprotocol `sip`. Others connect; nobody is connected to. */
export class WebSocketTransport implements Transport {
  readonly protocol: 'WS' | 'WSS';
  readonly listening: Listening;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #own: OwnAddress;
  readonly #limits: TransportLimits;
  readonly #user: TransportUser;
  readonly #flows = new Map<string, WebSocketFlow>();
  readonly #heartbeat: NodeJS.Timeout;
  /** Before a handshake of TLS or a request of HTTP, which cost more than all the rest. */
  readonly #connections = new Set<Socket>();

  /** @throws what the system says when it cannot listen there, or with a certificate that is none. */
  static async open(listen: Listen, limits: TransportLimits, user: TransportUser): Promise<WebSocketTransport> {
    const { tls, address, port } = listen;
    const { connectMs } = limits;
    // Until it is a WebSocket; who says nothing is looked for this often.
    const patience = {
      headersTimeout: connectMs,
      requestTimeout: connectMs,
      connectionsCheckingInterval: Math.min(connectMs, 1_000),
    };
    const http =
      listen.protocol === 'WSS'
        ? createSecureServer({ ...tls, ...patience, handshakeTimeout: connectMs, minVersion: 'TLSv1.2' })
        : createServer(patience);
    http.maxConnections = limits.connections;
    http.listen({ port, host: address, ipv6Only: address.includes(':') });
    await once(http, 'listening');
    return new WebSocketTransport(http, listen, limits, user);
  }

  private constructor(http: Server, listen: Listen, limits: TransportLimits, user: TransportUser) {
    const bound = http.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : listen.port;
    this.protocol = listen.protocol === 'WSS' ? 'WSS' : 'WS';
    this.listening = { protocol: this.protocol, address: listen.address, port };
    this.#http = http;
    this.#limits = limits;
    this.#user = user;
    this.#own = new OwnAddress(this.listening, listen.advertise);
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: limits.messages.headBytes + limits.messages.bodyBytes,
      perMessageDeflate: false,
      // The library's own answers have no bound.
      autoPong: false,
      handleProtocols: () => 'sip',
    });
    const sources = new SourceCount(limits.connectionsPerSource);
    http.on('connection', (socket: Socket) => this.#admit(socket, sources));
    http.on('drop', (about) => user.dropped('connections', { address: about?.remoteAddress ?? '', port: 0 }));
    // The system has nothing left to take a connection with: the next one may be luckier.
    http.on('error', () => user.dropped('connections', { address: '', port: 0 }));
    http.on('request', (_request, response) =>
      response.writeHead(426, { Connection: 'close' }).end('SIP over WebSocket\n'),
    );
    http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head, listen.origins));
    this.#heartbeat = setInterval(() => {
      for (const flow of this.#flows.values()) flow.beat();
    }, heartbeatMs).unref();
  }

  get flows(): number {
    return this.#flows.size;
  }

  flowTo(remote: Endpoint): Promise<Flow> {
    for (const flow of this.#flows.values()) {
      if (flow.open && flow.remote.address === remote.address && flow.remote.port === remote.port)
        return Promise.resolve(flow);
    }
    return Promise.reject(new TransportError('NO_TRANSPORT', 'nobody can be connected to by WebSocket'));
  }

  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    const closed = once(this.#http, 'close');
    this.#http.close();
    for (const flow of this.#flows.values()) flow.close();
    this.#http.closeAllConnections();
    const leaving = new Set([...this.#flows.values()].map(({ remote }) => formatEndpoint(remote)));
    for (const socket of this.#connections) if (!leaving.has(formatEndpoint(remoteOf(socket)))) socket.destroy();
    const cut = setTimeout(() => {
      for (const socket of this.#connections) socket.destroy();
    }, this.#limits.connectMs);
    await closed;
    clearTimeout(cut);
  }

  #admit(socket: Socket, sources: SourceCount): void {
    const remote = remoteOf(socket);
    const admitted = this.#user.admits(remote);
    if (!admitted || !sources.enter(remote.address)) {
      if (admitted) this.#user.dropped('source', remote);
      socket.destroy();
      return;
    }
    this.#connections.add(socket);
    socket.once('close', () => {
      sources.leave(remote.address);
      this.#connections.delete(socket);
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, origins: Listen['origins']): void {
    const remote = remoteOf(request.socket);
    const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    const { origin } = request.headers;
    const refuse = (status: string, what?: string) => {
      if (what !== undefined) this.#user.dropped(what, remote);
      socket.on('error', () => {});
      // HTTP looks after it no more, and the other side may never leave.
      socket.once('finish', () => socket.destroy());
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    };
    if (origin !== undefined && origins !== undefined && !origins.includes(origin)) refuse('403 Forbidden', 'origin');
    // RFC 7118 section 4.1: without it this is some other program.
    else if (!protocols.includes('sip')) refuse('400 Bad Request', 'noise');
    else this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#take(webSocket, request, remote));
  }

  #take(webSocket: WebSocket, request: IncomingMessage, remote: Endpoint): void {
    const address = parseAddress(request.socket.localAddress ?? '') ?? '';
    const local = { address, port: this.listening.port };
    const sentBy = this.#own.towards(remote.address, address);
    const flow = new WebSocketFlow(
      webSocket,
      this.protocol,
      { local, remote, sentBy },
      this.#limits,
      this.#user,
      () => {
        this.#flows.delete(flow.id);
      },
    );
    this.#flows.set(flow.id, flow);
  }
}

let last = 0;

class WebSocketFlow implements Flow {
  readonly reliable = true;
  readonly transport: 'WS' | 'WSS';
  readonly id: string;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly sentBy: HostPort;
  readonly #socket: WebSocket;
  readonly #limits: TransportLimits;
  readonly #user: TransportUser;
  #heardAtMs = performance.now();
  /** It sent a message. From then on signs of life are enough: a page that is registered may be quiet for long. */
  #spoke = false;
  #answers = true;
  /** Writes that wait. */
  #writes = 0;
  #why: string | undefined;

  constructor(
    socket: WebSocket,
    transport: 'WS' | 'WSS',
    about: { readonly local: Endpoint; readonly remote: Endpoint; readonly sentBy: HostPort },
    limits: TransportLimits,
    user: TransportUser,
    forget: () => void,
  ) {
    this.#socket = socket;
    this.#limits = limits;
    this.#user = user;
    this.transport = transport;
    this.local = about.local;
    this.remote = about.remote;
    this.sentBy = about.sentBy;
    last += 1;
    this.id = `${transport.toLowerCase()}/${last}/${formatEndpoint(about.remote)}`;
    socket.on('message', (data) => this.#receive(data));
    socket.on('ping', (data: Buffer) => {
      if (this.#hasRoomFor(data.length)) this.#write((written) => socket.pong(data, undefined, written));
    });
    socket.on('pong', () => {
      this.#answers = true;
      if (this.#spoke) this.#heardAtMs = performance.now();
      user.alive?.(this);
    });
    // A frame that is too long or none: the library closes the connection.
    socket.on('error', () => {
      user.dropped('framing', this.remote);
      this.#cutSoon();
    });
    socket.on('close', () => {
      forget();
      user.closed(this, this.#why ?? 'ended');
    });
  }

  get open(): boolean {
    return this.#why === undefined && this.#socket.readyState === this.#socket.OPEN;
  }

  send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const what = `${this.transport} ${formatEndpoint(this.remote)}`;
      if (!this.open) {
        reject(new TransportError('CLOSED', what));
      } else if (!this.#hasRoomFor(bytes.length)) {
        reject(new TransportError('QUEUE_FULL', what));
      } else {
        // As text, which all of them read; a body that is no text goes in a binary frame (RFC 7118 section 4.2).
        const binary = !isUtf8(bytes);
        this.#user.sent?.(bytes, this);
        this.#write((written) => {
          this.#socket.send(bytes, { binary }, (error) => {
            written();
            if (error) reject(new TransportError('CLOSED', what, error));
            else resolve();
          });
        });
      }
    });
  }

  close(): void {
    this.#why ??= 'closed';
    this.#socket.close(1001);
    this.#cutSoon();
  }

  /** Once each {@link heartbeatMs}. */
  beat(): void {
    if (!this.#answers || performance.now() - this.#heardAtMs > this.#limits.idleMs) {
      this.#cut('idle');
    } else {
      this.#answers = false;
      if (this.open) this.#socket.ping();
    }
  }

  #receive(data: RawData): void {
    this.#heardAtMs = performance.now();
    this.#answers = true;
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer);
    // Keep-alive as over TCP, which some send here too (RFC 7118 section 6).
    if (bytes.length <= 4 && bytes.toString('latin1').trim() === '') {
      if (bytes.length === 4) this.send(pong).catch(() => {});
      this.#user.alive?.(this);
    } else {
      this.#spoke = true;
      this.#user.received(bytes, this);
    }
  }

  #write(how: (written: () => void) => void): void {
    // Most leave at once, and are no burden though they are told of a little later.
    let waits = false;
    how(() => {
      if (waits) this.#writes -= 1;
    });
    waits = this.#socket.bufferedAmount > 0;
    if (waits) this.#writes += 1;
  }

  /** Who does not read is cut. */
  #hasRoomFor(bytes: number): boolean {
    if (!this.open) return false;
    const waiting = this.#socket.bufferedAmount + this.#writes * writeCostBytes;
    if (waiting + bytes <= this.#limits.writeQueueBytes) return true;
    this.#cut('queue');
    return false;
  }

  /** The library would wait 30 s for the other side to say goodbye. */
  #cutSoon(): void {
    const cut = setTimeout(() => this.#socket.terminate(), this.#limits.connectMs).unref();
    this.#socket.once('close', () => clearTimeout(cut));
  }

  #cut(why: string): void {
    if (this.#why !== undefined) return;
    this.#why = why;
    this.#user.dropped(why, this.remote);
    this.#socket.terminate();
  }
}

function remoteOf(socket: Socket): Endpoint {
  const address = socket.remoteAddress ?? '';
  return { address: parseAddress(address) ?? address, port: socket.remotePort ?? 0 };
}
