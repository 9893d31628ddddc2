import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';

/** The other side of calls: a socket, and what a test has it say. */
export class UdpPeer {
  readonly heard: string[] = [];
  readonly port: number;
  readonly #socket: Socket;
  readonly #to: number;
  readonly #taken = new Set<number>();

  private constructor(socket: Socket, to: number) {
    this.#socket = socket;
    this.#to = to;
    this.port = socket.address().port;
    socket.on('message', (bytes) => this.heard.push(bytes.toString()));
  }

  static async open(to: number): Promise<UdpPeer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    onTestFinished(() => void socket.close());
    return new UdpPeer(socket, to);
  }

  send(message: string): void {
    this.#socket.send(message, this.#to, '127.0.0.1');
  }

  /** The first message that begins so and that nobody asked for yet. */
  next(beginning: string): Promise<string> {
    return eventually(() => {
      const at = this.heard.findIndex((text, index) => !this.#taken.has(index) && text.startsWith(beginning));
      if (at < 0) return undefined;
      this.#taken.add(at);
      return this.heard[at];
    }, `a message with ${beginning}`);
  }

  /** A request of this side; `more` are further lines. */
  request(
    method: string,
    about: { call: string; cseq?: number; toTag?: string; more?: string[]; body?: string },
  ): void {
    const { call, cseq = 1, toTag, more = [], body = '' } = about;
    const branch = method === 'CANCEL' ? 'INVITE' : method;
    this.send(
      [
        `${method} sip:parley@127.0.0.1:${this.#to} SIP/2.0`,
        `Via: SIP/2.0/UDP 127.0.0.1:${this.port};branch=z9hG4bK-${call}-${cseq}-${branch};rport`,
        'Max-Forwards: 70',
        `From: <sip:peer@127.0.0.1:${this.port}>;tag=${call}`,
        `To: <sip:parley@127.0.0.1:${this.#to}>${toTag === undefined ? '' : `;tag=${toTag}`}`,
        `Call-ID: ${call}`,
        `CSeq: ${cseq} ${method}`,
        `Contact: <sip:peer@127.0.0.1:${this.port}>`,
        ...more,
        `Content-Length: ${Buffer.byteLength(body)}`,
        '',
        body,
      ].join('\r\n'),
    );
  }

  /** Answers a request that it heard. */
  answer(request: string, status: string, about: { toTag?: string; more?: string[]; body?: string } = {}): void {
    const { toTag = 'answer', more = [], body = '' } = about;
    const copied = request.split('\r\n').filter((line) => /^(Via|From|Call-ID|CSeq|Record-Route):/i.test(line));
    const to = fieldOf(request, 'To');
    this.send(
      [
        `SIP/2.0 ${status}`,
        ...copied,
        `To: ${/;tag=/.test(to) ? to : `${to};tag=${toTag}`}`,
        `Contact: <sip:peer@127.0.0.1:${this.port}>`,
        ...more,
        `Content-Length: ${Buffer.byteLength(body)}`,
        '',
        body,
      ].join('\r\n'),
    );
  }
}

export function fieldOf(message: string, name: string): string {
  return new RegExp(`^${name}:\\s*(.*)$`, 'im').exec(message)?.[1]?.trim() ?? '';
}

export function toTagOf(message: string): string {
  return /;tag=([^;\s]+)/.exec(fieldOf(message, 'To'))?.[1] ?? '';
}
