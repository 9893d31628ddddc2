import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { Clock } from '../../core/clock.ts';

export interface TlsRelayOptions {
  /** Of the drachtio-server. Its certificate must name the host. */
  readonly host: string;
  readonly port: number;
  /** PEM of who signs it; without one: whom the system trusts. */
  readonly ca?: string;
  readonly clock: Clock;
  /** Each time that TLS does not come about. */
  readonly failed: (why: string) => void;
}

/** drachtio-srf has one, and for a moment two when it connects again. Further ones are closed. */
const mostConnections = 4;
const handshakeMs = 10_000;
const longestPauseMs = 5_000;
/** What is under way when it closes may take so long to go out. */
const lingerMs = 1_000;

/**
 * Where drachtio-srf connects in place of a drachtio-server by TLS: by itself it connects again in the clear when such a connection
 * was lost. In the clear nothing leaves this machine's loopback.
 */
export class TlsRelay {
  readonly #options: TlsRelayOptions;
  readonly #context: SecureContext;
  readonly #server: Server;
  readonly #clients = new Map<Socket, TLSSocket>();
  #failures = 0;
  #nextMs = 0;
  #closed = false;

  /** @throws what the system says of the certificates or of listening. */
  static async open(options: TlsRelayOptions): Promise<TlsRelay> {
    const relay = new TlsRelay(options);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  private constructor(options: TlsRelayOptions) {
    this.#options = options;
    this.#context = createSecureContext(options.ca === undefined ? {} : { ca: options.ca });
    this.#server = createServer({ noDelay: true }, (client) => this.#carry(client));
    this.#server.maxConnections = mostConnections;
    this.#server.on('error', () => {});
  }

  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  /** Connections, each with its way on. */
  get size(): number {
    return this.#clients.size;
  }

  /** Ends all: what was said before it still goes out. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const sockets = [...this.#clients].flat().filter((socket) => !socket.closed);
    const ends = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    const closed = Promise.all([new Promise((resolve) => this.#server.close(resolve)), ...ends]);
    for (const [client, upstream] of this.#clients) {
      upstream.unpipe(client).resume();
      // Whoever is there answers with its own end, behind what it said last.
      if (upstream.authorized) client.end();
      else client.destroy();
    }
    const timer = this.#options.clock.after(lingerMs, () => {
      for (const socket of sockets) socket.destroy();
    });
    await closed;
    timer.cancel();
  }

  #carry(client: Socket): void {
    const { host, port, clock } = this.#options;
    client.on('error', () => {});
    // drachtio-srf takes the relay for the server, and would try four times a second.
    if (this.#closed || clock.monotonicMs() < this.#nextMs) {
      client.destroy();
      return;
    }
    const upstream = connect({ host, port, secureContext: this.#context });
    upstream.setNoDelay(true).setKeepAlive(true, 15_000);
    this.#clients.set(client, upstream);
    let secure = false;
    const deadline = clock.after(handshakeMs, () => upstream.destroy(new Error('no answer to its handshake')));
    upstream.on('error', (error) => {
      deadline.cancel();
      if (!secure && !client.destroyed) this.#fail(error);
    });
    upstream.on('secureConnect', () => {
      secure = true;
      deadline.cancel();
      client.pipe(upstream).pipe(client);
    });
    // A server that closes before it answers is no better than none.
    upstream.once('data', () => {
      this.#failures = 0;
      this.#nextMs = 0;
    });
    this.#failures += 1;
    this.#nextMs = clock.monotonicMs() + Math.min(250 * 2 ** this.#failures, longestPauseMs);
    upstream.on('close', () => {
      deadline.cancel();
      client.destroySoon();
    });
    client.on('close', () => {
      this.#clients.delete(client);
      if (secure) upstream.destroySoon();
      else upstream.destroy();
    });
  }

  #fail(error: Error): void {
    const { host, port, failed } = this.#options;
    const code = 'code' in error ? ` (${error.code})` : '';
    failed(`TLS to ${host}:${port}: ${error.message}${code}`);
  }
}
