import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { parseAddress } from '../../../core/ip-address.ts';
import type { HostPort } from '../messages/parse-host-port.ts';
import { type Endpoint, formatEndpoint } from './endpoint.ts';
import type { Flow } from './flow.ts';
import type { Listen, Listening, TransportLimits } from './listen.ts';
import { OwnAddress } from './own-address.ts';
import type { Transport, TransportUser } from './transport.ts';
import { TransportError } from './transport-error.ts';

const ping = Buffer.from('\r\n\r\n');
const pong = Buffer.from('\r\n');
/** What IPv4 and UDP leave of 65,535 bytes. */
const largestDatagram = 65_507;

/** A UDP socket. Each other side is a flow: what was learnt of it is kept for as many as the limit allows, the oldest goes first. */
export class UdpTransport implements Transport {
  readonly protocol = 'UDP';
  readonly listening: Listening;
  readonly #socket: Socket;
  readonly #own: OwnAddress;
  readonly #user: TransportUser;
  readonly #most: number;
  readonly #flows = new Map<string, UdpFlow>();

  /** @throws what the system says when it cannot listen there. */
  static async open(listen: Listen, limits: TransportLimits, user: TransportUser): Promise<UdpTransport> {
    const type = isIPv6(listen.address) ? 'udp6' : 'udp4';
    // Bursts of many callers at once; the system caps what it gives.
    const socket = createSocket({
      type,
      ipv6Only: type === 'udp6',
      recvBufferSize: 4_194_304,
      sendBufferSize: 1_048_576,
      // Whoever sends has an address by then. Without this, Node.js asks for each datagram whether it is one, and sends a turn later.
      lookup: (address, _options, found) => found(null, address, type === 'udp6' ? 6 : 4),
    });
    const listening = once(socket, 'listening');
    socket.bind(listen.port, listen.address);
    await listening;
    return new UdpTransport(socket, listen, limits, user);
  }

  private constructor(socket: Socket, listen: Listen, limits: TransportLimits, user: TransportUser) {
    const { port } = socket.address();
    this.listening = { protocol: 'UDP', address: listen.address, port };
    this.#socket = socket;
    this.#own = new OwnAddress(this.listening, listen.advertise);
    this.#user = user;
    this.#most = limits.udpFlows;
    socket.on('message', (bytes, { address, port: from }) => this.#receive(bytes, address, from));
    // An ICMP error of another side, which the sending of that message heard of already.
    socket.on('error', () => {});
  }

  get flows(): number {
    return this.#flows.size;
  }

  flowTo(remote: Endpoint): Promise<Flow> {
    return Promise.resolve(this.#flow(remote));
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
    this.#flows.clear();
  }

  #receive(bytes: Buffer, from: string, port: number): void {
    const address = parseAddress(from) ?? from;
    if (!this.#user.admits({ address, port })) return;
    const flow = this.#flow({ address, port });
    if (bytes.length > 4 || !/^[\r\n\0]*$/.test(bytes.toString('latin1'))) {
      this.#user.received(bytes, flow);
    } else {
      // Phones keep their way through a router open with these (RFC 5626 section 3.5.2 has STUN; CRLF is what they send).
      if (bytes.equals(ping)) flow.send(pong).catch(() => {});
      this.#user.alive?.(flow);
    }
  }

  #flow(remote: Endpoint): UdpFlow {
    const key = formatEndpoint(remote);
    const known = this.#flows.get(key);
    const flow =
      known ?? new UdpFlow(this.#socket, remote, this.listening, this.#own.towards(remote.address), this.#user);
    // At the end of the order: the first is the one that was quiet for longest.
    if (known !== undefined) this.#flows.delete(key);
    this.#flows.set(key, flow);
    if (this.#flows.size > this.#most) {
      const [oldest] = this.#flows.keys();
      if (oldest !== undefined) this.#flows.delete(oldest);
    }
    return flow;
  }
}

class UdpFlow implements Flow {
  readonly transport = 'UDP';
  readonly reliable = false;
  readonly open = true;
  readonly id: string;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly sentBy: HostPort;
  readonly #socket: Socket;
  readonly #user: TransportUser;

  constructor(socket: Socket, remote: Endpoint, local: Endpoint, sentBy: HostPort, user: TransportUser) {
    this.#socket = socket;
    this.#user = user;
    this.remote = remote;
    this.local = local;
    this.sentBy = sentBy;
    this.id = `udp/${local.port}/${formatEndpoint(remote)}`;
  }

  send(bytes: Uint8Array): Promise<void> {
    const { address, port } = this.remote;
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => reject(TransportError.from(error, `udp ${formatEndpoint(this.remote)}`));
      if (bytes.length > largestDatagram) return fail(new TransportError('TOO_LARGE', 'more than a datagram holds'));
      this.#user.sent?.(bytes, this);
      try {
        this.#socket.send(bytes, port, address, (error) => (error ? fail(error) : resolve()));
      } catch (error) {
        // A socket that was closed throws at once.
        fail(error);
      }
    });
  }

  close(): void {}
}
