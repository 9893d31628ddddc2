import { type MessageLimits, messageLimits } from '../messages/limits.ts';
import type { MessageFault, SipMessage, SipRequest } from '../messages/message.ts';
import { parseMessage } from '../messages/parse-message.ts';
import { formatVia, parseVia } from '../messages/parse-via.ts';
import type { Hop } from '../transactions/hop.ts';
import { defaultPort, type Endpoint, type Protocol } from './endpoint.ts';
import type { Flow } from './flow.ts';
import { type Listen, type Listening, type TransportLimits, transportLimits } from './listen.ts';
import { StreamTransport } from './stream-transport.ts';
import type { Transport, TransportUser } from './transport.ts';
import { TransportError } from './transport-error.ts';
import { UdpTransport } from './udp-transport.ts';
import { WebSocketTransport } from './web-socket-transport.ts';

export interface TransportsUser {
  /** `hop` leads to where answers of a request go (RFC 3261 section 18.2.2). */
  message(message: SipMessage, hop: Hop, flow: Flow, bytes: number): void;
  fault(fault: MessageFault, hop: Hop | undefined, flow: Flow, bytes: number): void;
  alive(flow: Flow, pong?: boolean): void;
  closed(flow: Flow, why: string): void;
  dropped(what: string, remote: Endpoint): void;
  admits(remote: Endpoint): boolean;
}

/** Hears every message as it came, and as it leaves. It must not throw, nor change what it gets. */
export interface MessageTap {
  received(bytes: Uint8Array, flow: Flow): void;
  sent(bytes: Uint8Array, flow: Flow): void;
}

/** Where a message goes: an address, found by `location/`. */
export interface Target extends Endpoint {
  readonly protocol: Protocol;
  /** What the certificate has to be for: the name that the address was found for (RFC 5922). */
  readonly serverName?: string;
}

/** The transport layer of RFC 3261 section 18: all that is listened on, and every way out of here. */
export class Transports {
  readonly #user: TransportsUser;
  readonly #limits: MessageLimits;
  readonly #tap: MessageTap | undefined;
  readonly #open: readonly Transport[];
  #closing: Promise<unknown> | undefined;

  /** @throws what the system says about the first one that cannot be listened on; the others are closed again. */
  static async open(
    listens: readonly Listen[],
    user: TransportsUser,
    limits = transportLimits,
    tap?: MessageTap,
  ): Promise<Transports> {
    const open: Transport[] = [];
    const transports = new Transports(open, user, limits.messages, tap);
    try {
      for (const listen of listens) open.push(await openTransport(listen, limits, transports.#connected()));
    } catch (error) {
      await transports.close();
      throw error;
    }
    return transports;
  }

  /** Over transports that are opened elsewhere: a network in memory. */
  static over(make: (user: TransportUser) => readonly Transport[], user: TransportsUser, tap?: MessageTap): Transports {
    const open: Transport[] = [];
    const transports = new Transports(open, user, messageLimits, tap);
    open.push(...make(transports.#connected()));
    return transports;
  }

  private constructor(
    open: readonly Transport[],
    user: TransportsUser,
    limits: MessageLimits,
    tap: MessageTap | undefined,
  ) {
    this.#open = open;
    this.#user = user;
    this.#limits = limits;
    this.#tap = tap;
  }

  get listening(): readonly Listening[] {
    return this.#open.map(({ listening }) => listening);
  }

  /** How many flows each protocol has. */
  get flows(): Partial<Record<Protocol, number>> {
    const flows: Partial<Record<Protocol, number>> = {};
    for (const { protocol, flows: count } of this.#open) flows[protocol] = (flows[protocol] ?? 0) + count;
    return flows;
  }

  /**
   * The way to a target: a connection that is there, or a new one.
   * @throws {TransportError} `NO_TRANSPORT` where none of its protocol and family is listened on.
   */
  flowTo({ protocol, address, port, serverName }: Target): Promise<Flow> {
    const ipv6 = address.includes(':');
    const fitting = this.#open.find(
      ({ listening }) => listening.protocol === protocol && listening.address.includes(':') === ipv6,
    );
    if (fitting !== undefined) return fitting.flowTo({ address, port }, serverName);
    return Promise.reject(
      new TransportError('NO_TRANSPORT', `no ${protocol} for ${ipv6 ? 'IPv6' : 'IPv4'} is listened on`),
    );
  }

  supports(protocol: Protocol): boolean {
    return this.#open.some((transport) => transport.protocol === protocol);
  }

  async close(): Promise<void> {
    this.#closing ??= Promise.all(this.#open.map((transport) => transport.close()));
    await this.#closing;
  }

  #connected(): TransportUser {
    return {
      received: (bytes, flow) => this.#receive(bytes, flow),
      ...(this.#tap && { sent: (bytes: Uint8Array, flow: Flow) => this.#tap?.sent(bytes, flow) }),
      alive: (flow, answer) => this.#user.alive(flow, answer),
      closed: (flow, why) => this.#user.closed(flow, why),
      dropped: (what, remote) => this.#user.dropped(what, remote),
      admits: (remote) => this.#user.admits(remote),
    };
  }

  #receive(bytes: Buffer, flow: Flow): void {
    this.#tap?.received(bytes, flow);
    const message = parseMessage(bytes, this.#limits);
    if (message.kind === 'fault') {
      const request = message.answer?.request;
      this.#user.fault(message, request && this.#wayBack(request, flow), flow, bytes.length);
    } else if (message.kind === 'request') {
      const hop = this.#wayBack(message, flow);
      if (hop !== undefined) this.#user.message(message, hop, flow, bytes.length);
      else this.#user.dropped('noise', flow.remote);
    } else {
      this.#user.message(message, flow, flow, bytes.length);
    }
  }

  /** Writes into the topmost Via where the request came from (RFC 3261 section 18.2.1, RFC 3581 section 4), and leads back there. */
  #wayBack(request: SipRequest, flow: Flow): Hop | undefined {
    const via = parseVia(request.headers.get('Via') ?? '');
    if (via === undefined) return undefined;
    const parameters = new Map(via.parameters);
    const { address, port } = flow.remote;
    const symmetric = parameters.has('rport');
    if (symmetric) parameters.set('rport', String(port));
    // Whoever asks is told that pings are answered here, and how often they are of use (RFC 6223 section 4.1).
    if (flow.reliable && parameters.get('keep') === '') parameters.set('keep', '120');
    if (symmetric || via.host.toLowerCase() !== address) parameters.set('received', address);
    request.headers.replaceFirst('Via', formatVia({ ...via, parameters }));
    const replyPort = via.port ?? defaultPort[flow.transport];
    // The commonest of all cases needs nothing of its own.
    if (!flow.reliable && (symmetric || replyPort === port)) return flow;
    return new ReplyHop(this, flow, { address, port: replyPort, protocol: flow.transport });
  }
}

/**
 * The way back of a request: the connection that it came on, as long as it is open; then a new one to where its Via says.
 * Over UDP without `rport`, the port of the Via.
 */
class ReplyHop implements Hop {
  readonly #transports: Transports;
  readonly #cameOn: Flow;
  readonly #otherwise: Target;

  constructor(transports: Transports, cameOn: Flow, otherwise: Target) {
    this.#transports = transports;
    this.#cameOn = cameOn;
    this.#otherwise = otherwise;
  }

  get transport() {
    return this.#cameOn.transport;
  }

  get reliable() {
    return this.#cameOn.reliable;
  }

  get sentBy() {
    return this.#cameOn.sentBy;
  }

  async send(bytes: Uint8Array): Promise<void> {
    const stays = this.reliable && this.#cameOn.open;
    const flow = stays ? this.#cameOn : await this.#transports.flowTo(this.#otherwise);
    await flow.send(bytes);
  }
}

function openTransport(listen: Listen, limits: TransportLimits, user: TransportUser): Promise<Transport> {
  if (listen.protocol === 'UDP') return UdpTransport.open(listen, limits, user);
  if (listen.protocol === 'TCP' || listen.protocol === 'TLS') return StreamTransport.open(listen, limits, user);
  return WebSocketTransport.open(listen, limits, user);
}
