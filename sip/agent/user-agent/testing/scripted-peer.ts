import { makeResponse } from '../../messages/make-response.ts';
import { noBody, type SipMessage, type SipRequest, type SipResponse } from '../../messages/message.ts';
import { parseCSeq } from '../../messages/parse-cseq.ts';
import { parseMessage } from '../../messages/parse-message.ts';
import { parseNameAddr, tagOf } from '../../messages/parse-name-addr.ts';
import { serializeMessage } from '../../messages/serialize-message.ts';
import { SipHeaders } from '../../messages/sip-headers.ts';
import type { Endpoint } from '../../transports/endpoint.ts';
import type { Flow } from '../../transports/flow.ts';
import type { MemoryNetwork, MemoryProtocol, MemoryTransport } from './memory-network.ts';

type Fields = readonly (readonly [string, string])[];

/** The other side, which says what a test makes it say and does nothing by itself. */
export class ScriptedPeer {
  readonly at: Endpoint;
  readonly heard: SipMessage[] = [];
  /** Pings and pongs. */
  signs = 0;
  flow: Flow | undefined;
  readonly #host: MemoryTransport;
  readonly #protocol: MemoryProtocol;
  #count = 0;
  #cseq = 100;

  constructor(network: MemoryNetwork, at: Endpoint, protocol: MemoryProtocol = 'UDP', seenAs: Endpoint = at) {
    this.at = at;
    this.#protocol = protocol;
    const received = (bytes: Buffer, flow: Flow) => {
      const message = parseMessage(bytes);
      if (message.kind === 'fault') throw new Error(message.text);
      this.flow = flow;
      this.heard.push(message);
    };
    const alive = () => {
      this.signs += 1;
    };
    const user = { received, alive, closed: () => {}, dropped: () => {}, admits: () => true };
    this.#host = network.host(protocol, at, user, seenAs);
  }

  get contact(): string {
    const transport = this.#protocol === 'UDP' ? '' : `;transport=${this.#protocol.toLowerCase()}`;
    return `<sip:phone@${this.at.address}:${this.at.port}${transport}>`;
  }

  /** Methods and statuses since it was asked last; 100 is left out. */
  take(): string[] {
    return this.heard
      .splice(0)
      .map((message) => (message.kind === 'request' ? message.method : String(message.status)))
      .filter((what) => what !== '100');
  }

  /** The newest of a method or status. */
  last(what: string | number): SipMessage {
    const found = this.heard.findLast((message) =>
      message.kind === 'request' ? message.method === what : message.status === what,
    );
    if (found === undefined) throw new Error(`no ${what} was heard`);
    return found;
  }

  request(what: string): SipRequest {
    return this.last(what) as SipRequest;
  }

  response(status: number): SipResponse {
    return this.last(status) as SipResponse;
  }

  async connect(to: Endpoint): Promise<Flow> {
    this.flow = await this.#host.flowTo(to);
    return this.flow;
  }

  async say(message: SipMessage, to: Endpoint = { address: '192.0.2.1', port: 5060 }): Promise<void> {
    const flow = this.flow?.open ? this.flow : await this.#host.flowTo(to);
    await flow.send(serializeMessage(message));
  }

  /** A request outside of a dialog. */
  make(method: string, extra: Fields = [], body = ''): SipRequest {
    this.#count += 1;
    const headers = SipHeaders.of([
      ...this.#via(),
      ['Max-Forwards', '70'],
      ['From', `<sip:phone@peer.example>;tag=p${this.#count}`],
      ['To', '<sip:room@us.example>'],
      ['Call-ID', `call-${this.#count}@${this.at.address}`],
      ['CSeq', `${this.#nextCSeq()} ${method}`],
      ['Contact', this.contact],
    ]);
    for (const [name, value] of extra) {
      if (headers.has(name) && name !== 'Via') headers.set(name, value);
      else headers.add(name, value);
    }
    if (body !== '') headers.set('Content-Type', 'application/sdp');
    return { kind: 'request', method, uri: 'sip:room@192.0.2.1', headers, body: Buffer.from(body) };
  }

  /** A request in the dialog of one that it sent, `answer` being what it got; or of one that it got, `answer` being its own. */
  within(answer: SipResponse, method: string, extra: Fields = [], body = ''): SipRequest {
    const ours = (parseNameAddr(answer.headers.get('From') ?? '')?.uri ?? '') === 'sip:phone@peer.example';
    const [from, to] = ours ? ['From', 'To'] : ['To', 'From'];
    const cseq = parseCSeq(answer.headers.get('CSeq') ?? '')?.number;
    const headers = SipHeaders.of([
      ...this.#via(),
      ['Max-Forwards', '70'],
      ['From', answer.headers.get(from) ?? ''],
      ['To', answer.headers.get(to) ?? ''],
      ['Call-ID', answer.headers.get('Call-ID') ?? ''],
      ['CSeq', `${method === 'ACK' ? cseq : this.#nextCSeq()} ${method}`],
      ['Contact', this.contact],
    ]);
    for (const [name, value] of extra) headers.set(name, value);
    if (body !== '') headers.set('Content-Type', 'application/sdp');
    return { kind: 'request', method, uri: 'sip:192.0.2.1', headers, body: Buffer.from(body) };
  }

  /** An answer with the tag `tag`, its Contact among `extra` in place of the usual one. */
  answer(request: SipRequest, status: number, extra: Fields = [], { tag = 'peer', body = '' } = {}): SipResponse {
    const response = makeResponse(request, status, { toTag: tag });
    for (const route of request.headers.all('Record-Route')) response.headers.add('Record-Route', route);
    if (status > 100 && status < 300) response.headers.add('Contact', this.contact);
    for (const [name, value] of extra) {
      if (name === 'Contact') response.headers.set(name, value);
      else response.headers.add(name, value);
    }
    if (body !== '') response.headers.set('Content-Type', 'application/sdp');
    return { ...response, body: body === '' ? noBody : Buffer.from(body) };
  }

  #nextCSeq(): number {
    this.#cseq += 1;
    return this.#cseq;
  }

  #via(): Fields {
    const branch = `z9hG4bK${this.at.address}-${this.at.port}-${this.#nextCSeq()}`;
    return [['Via', `SIP/2.0/${this.#protocol} ${this.at.address}:${this.at.port};branch=${branch};rport`]];
  }
}

export function toTagOf(message: SipMessage): string | undefined {
  return tagOf(message.headers.get('To'));
}
