import type { FakeClock } from '../../../../core/fake-clock.ts';
import { createRandom } from '../../../../test/support/random.ts';
import type { Endpoint } from '../../transports/endpoint.ts';
import { formatEndpoint } from '../../transports/endpoint.ts';
import type { Flow } from '../../transports/flow.ts';
import type { Transport, TransportUser } from '../../transports/transport.ts';
import { TransportError } from '../../transports/transport-error.ts';

export type MemoryProtocol = 'UDP' | 'TCP' | 'WS';

/** What happens to datagrams on their way. */
export interface Conditions {
  /** 0 to 1. */
  readonly loss: number;
  readonly duplication: number;
  /** Added to the way of some, so that later ones overtake them. */
  readonly jitterMs: number;
}

const wayMs = 10;
const connectMs = 4_000;

/** Hosts that send each other bytes on a clock that tests turn: datagrams that get lost, connections that do not. */
export class MemoryNetwork {
  readonly clock: FakeClock;
  conditions: Conditions = { loss: 0, duplication: 0, jitterMs: 0 };
  /** Datagrams for which it says true vanish. */
  eats: (bytes: Uint8Array, from: Endpoint, to: Endpoint) => boolean = () => false;
  /** To whom nothing can be sent: the system says so at once. */
  readonly refusing = new Set<string>();
  /** Who takes no connections, and says so at once. */
  readonly refusingStreams = new Set<string>();
  readonly #random: () => number;
  readonly #hosts = new Map<string, MemoryTransport>();
  #port = 40_000;

  constructor(clock: FakeClock, seed = 1) {
    this.clock = clock;
    this.#random = createRandom(seed);
  }

  /** `seenAs`: where others see it, for who is behind a router that rewrites addresses. */
  host(protocol: MemoryProtocol, at: Endpoint, user: TransportUser, seenAs: Endpoint = at): MemoryTransport {
    const host = new MemoryTransport(this, protocol, at, seenAs, user);
    this.#hosts.set(`${protocol} ${formatEndpoint(seenAs)}`, host);
    return host;
  }

  find(protocol: MemoryProtocol, at: Endpoint): MemoryTransport | undefined {
    return this.#hosts.get(`${protocol} ${formatEndpoint(at)}`);
  }

  remove(host: MemoryTransport): void {
    this.#hosts.delete(`${host.protocol} ${formatEndpoint(host.seenAs)}`);
  }

  freePort(): number {
    this.#port += 1;
    return this.#port;
  }

  sendDatagram(bytes: Uint8Array, from: Endpoint, to: Endpoint): Promise<void> {
    if (this.refusing.has(formatEndpoint(to))) return Promise.reject(new TransportError('REFUSED', 'nobody listens'));
    const { loss, duplication, jitterMs } = this.conditions;
    const copies = this.#random() < duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (this.#random() < loss || this.eats(bytes, from, to)) continue;
      this.clock.after(wayMs + Math.floor(this.#random() * jitterMs), () => this.find('UDP', to)?.hear(bytes, from));
    }
    return Promise.resolve();
  }
}

/** One socket of one host. */
export class MemoryTransport implements Transport {
  readonly protocol: MemoryProtocol;
  readonly at: Endpoint;
  readonly seenAs: Endpoint;
  readonly #network: MemoryNetwork;
  readonly #user: TransportUser;
  readonly #flows = new Map<string, MemoryFlow>();

  constructor(network: MemoryNetwork, protocol: MemoryProtocol, at: Endpoint, seenAs: Endpoint, user: TransportUser) {
    this.#network = network;
    this.protocol = protocol;
    this.at = at;
    this.seenAs = seenAs;
    this.#user = user;
  }

  get listening() {
    return { protocol: this.protocol, ...this.at };
  }

  get flows(): number {
    return this.#flows.size;
  }

  async flowTo(remote: Endpoint): Promise<MemoryFlow> {
    const known = this.#flows.get(formatEndpoint(remote));
    if (known !== undefined) return known;
    if (this.protocol === 'UDP') return this.#datagrams(remote);
    const other = this.#network.find(this.protocol, remote);
    if (other === undefined) {
      const { refusing, refusingStreams } = this.#network;
      const refused = refusing.has(formatEndpoint(remote)) || refusingStreams.has(formatEndpoint(remote));
      if (refused) throw new TransportError('REFUSED', 'nobody listens');
      await new Promise<void>((resolve) => this.#network.clock.after(connectMs, resolve));
      throw new TransportError('TIMEOUT', 'no answer');
    }
    const port = this.#network.freePort();
    const [mine, theirs] = [this.#flow(remote), other.#flow({ address: this.seenAs.address, port })];
    mine.ours = true;
    mine.other = theirs;
    theirs.other = mine;
    return mine;
  }

  hear(bytes: Uint8Array, from: Endpoint): void {
    this.hearFrom(bytes, this.#datagrams(from));
  }

  hearFrom(bytes: Uint8Array, flow: MemoryFlow): void {
    const pong = bytes.length === 2;
    if (!pong && bytes.length !== 4) {
      this.#user.received(Buffer.from(bytes), flow);
      return;
    }
    // What keeps the way open is no message.
    if (!pong) void flow.send(Buffer.from('\r\n'));
    this.#user.alive?.(flow, pong);
  }

  send(bytes: Uint8Array, remote: Endpoint): Promise<void> {
    return this.#network.sendDatagram(bytes, this.seenAs, remote);
  }

  later(deliver: () => void): void {
    this.#network.clock.after(wayMs, deliver);
  }

  lost(flow: MemoryFlow): void {
    this.#flows.delete(formatEndpoint(flow.remote));
    this.#user.closed(flow, 'closed');
  }

  close(): Promise<void> {
    this.#network.remove(this);
    for (const flow of [...this.#flows.values()]) flow.close();
    return Promise.resolve();
  }

  #datagrams(remote: Endpoint): MemoryFlow {
    return this.#flows.get(formatEndpoint(remote)) ?? this.#flow(remote);
  }

  #flow(remote: Endpoint): MemoryFlow {
    const flow = new MemoryFlow(this, remote);
    this.#flows.set(formatEndpoint(remote), flow);
    return flow;
  }
}

export class MemoryFlow implements Flow {
  readonly id: string;
  readonly transport: MemoryProtocol;
  readonly reliable: boolean;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly sentBy: { readonly host: string; readonly port: number };
  other: MemoryFlow | undefined;
  open = true;
  ours = false;
  readonly #host: MemoryTransport;

  constructor(host: MemoryTransport, remote: Endpoint) {
    this.#host = host;
    this.transport = host.protocol;
    this.reliable = host.protocol !== 'UDP';
    this.local = host.at;
    this.remote = remote;
    this.sentBy = { host: host.at.address, port: host.at.port };
    this.id = `${host.protocol}/${formatEndpoint(host.at)}/${formatEndpoint(remote)}`;
  }

  send(bytes: Uint8Array): Promise<void> {
    if (!this.reliable) return this.#host.send(bytes, this.remote);
    const { other } = this;
    if (!this.open || other === undefined) return Promise.reject(new TransportError('CLOSED', 'closed'));
    this.#host.later(() => {
      if (other.open) other.#host.hearFrom(bytes, other);
    });
    return Promise.resolve();
  }

  close(): void {
    if (!this.open || !this.reliable) return;
    this.open = false;
    this.#host.lost(this);
    this.other?.close();
  }
}
