import { noBody, type SipRequest, type SipResponse } from '../messages/message.ts';
import { parseCSeq } from '../messages/parse-cseq.ts';
import { parseNameAddr, tagOf } from '../messages/parse-name-addr.ts';
import { parseUri } from '../messages/parse-uri.ts';
import { SipHeaders } from '../messages/sip-headers.ts';

/** What a dialog begins with (RFC 3261 section 12.1). */
interface DialogBeginning {
  readonly role: 'uac' | 'uas';
  readonly callId: string;
  /** From or To of this side, with its tag. */
  readonly local: string;
  readonly remote: string;
  readonly remoteTarget: string;
  readonly routeSet: readonly string[];
  readonly localCSeq: number;
  readonly remoteCSeq: number | undefined;
  readonly early: boolean;
}

/** A CSeq may begin anywhere below 2^31; from here on there is room for two billion requests (section 8.1.1.5). */
export const firstCSeq = () => Math.floor(Math.random() * 2 ** 16) + 1;

/** The relation of two user agents (RFC 3261 section 12): what its requests need, and whether a request fits into it. */
export class Dialog {
  readonly role: 'uac' | 'uas';
  readonly callId: string;
  readonly localTag: string;
  remoteTag: string;
  state: 'early' | 'confirmed' | 'terminated';
  /** Where its requests go: the Contact of the other side. Each INVITE and UPDATE may change it (section 12.2). */
  remoteTarget: string;
  routeSet: readonly string[];
  readonly #local: string;
  #remote: string;
  #localCSeq: number;
  #remoteCSeq: number | undefined;

  private constructor(from: DialogBeginning) {
    this.role = from.role;
    this.callId = from.callId;
    this.#local = from.local;
    this.#remote = from.remote;
    this.localTag = tagOf(from.local) ?? '';
    // Agents of RFC 2543 have none (section 12.1.1).
    this.remoteTag = tagOf(from.remote) ?? '';
    this.remoteTarget = from.remoteTarget;
    this.routeSet = from.routeSet;
    this.#localCSeq = from.localCSeq;
    this.#remoteCSeq = from.remoteCSeq;
    this.state = from.early ? 'early' : 'confirmed';
  }

  /** Of a request that came, and the answer that we give it. */
  static asServer(request: SipRequest, response: SipResponse): Dialog {
    const { headers } = request;
    return new Dialog({
      role: 'uas',
      callId: headers.get('Call-ID') ?? '',
      local: response.headers.get('To') ?? '',
      remote: headers.get('From') ?? '',
      remoteTarget: contactOf(headers) ?? parseNameAddr(headers.get('From') ?? '')?.uri ?? '',
      routeSet: headers.all('Record-Route'),
      localCSeq: firstCSeq(),
      remoteCSeq: parseCSeq(headers.get('CSeq') ?? '')?.number,
      early: response.status < 200,
    });
  }

  /** Of a request of ours, and an answer with a To tag. */
  static asClient(request: SipRequest, response: SipResponse): Dialog {
    const { headers } = request;
    return new Dialog({
      role: 'uac',
      callId: headers.get('Call-ID') ?? '',
      local: headers.get('From') ?? '',
      remote: response.headers.get('To') ?? '',
      remoteTarget: contactOf(response.headers) ?? request.uri,
      // What the last proxy wrote stands first in an answer, and is the next one for us.
      routeSet: response.headers.all('Record-Route').reverse(),
      localCSeq: parseCSeq(headers.get('CSeq') ?? '')?.number ?? 0,
      remoteCSeq: undefined,
      early: response.status < 200,
    });
  }

  /** Of a SUBSCRIBE or REFER of ours and the NOTIFY that came of it, before its answer or without one (RFC 6665 section 4.4.1). */
  static asSubscriber({ headers }: SipRequest, notify: SipRequest): Dialog {
    return new Dialog({
      role: 'uac',
      callId: headers.get('Call-ID') ?? '',
      local: headers.get('From') ?? '',
      remote: notify.headers.get('From') ?? '',
      remoteTarget: contactOf(notify.headers) ?? parseNameAddr(notify.headers.get('From') ?? '')?.uri ?? '',
      routeSet: notify.headers.all('Record-Route'),
      localCSeq: parseCSeq(headers.get('CSeq') ?? '')?.number ?? 0,
      remoteCSeq: undefined,
      early: false,
    });
  }

  /** What its requests are found by: the tag of ours first. */
  get key(): string {
    return dialogKey(this.callId, this.localTag, this.remoteTag);
  }

  /** The 2xx of the INVITE settles the way: what an early answer said of it counts no more (section 13.2.2.4). */
  confirm(response?: SipResponse): void {
    if (response !== undefined && this.role === 'uac') {
      this.routeSet = response.headers.all('Record-Route').reverse();
      this.refreshTarget(response.headers);
      this.#remote = response.headers.get('To') ?? this.#remote;
    }
    if (this.state === 'early') this.state = 'confirmed';
  }

  refreshTarget(headers: SipHeaders): void {
    this.remoteTarget = contactOf(headers) ?? this.remoteTarget;
  }

  /** False for one that came out of order, which is 500 (section 12.2.2). */
  admits(request: SipRequest): boolean {
    const number = parseCSeq(request.headers.get('CSeq') ?? '')?.number ?? 0;
    if (this.#remoteCSeq !== undefined && number <= this.#remoteCSeq) return false;
    this.#remoteCSeq = number;
    return true;
  }

  /** The next number of ours, also of a request that is sent again with credentials. */
  nextCSeq(): number {
    this.#localCSeq += 1;
    return this.#localCSeq;
  }

  /**
   * A request within it, without Via. `cseq` for ACK, which has the number of its INVITE; otherwise the next one.
   * Strict routers of RFC 2543 get the target as last Route (section 12.2.1.1).
   */
  makeRequest(method: string, cseq = this.nextCSeq()): SipRequest {
    const [first, ...others] = this.routeSet;
    const loose = first === undefined || isLoose(first);
    const headers = new SipHeaders();
    headers.add('Max-Forwards', '70');
    for (const route of loose ? this.routeSet : [...others, `<${this.remoteTarget}>`]) headers.add('Route', route);
    headers.add('From', this.#local);
    headers.add('To', this.#remote);
    headers.add('Call-ID', this.callId);
    headers.add('CSeq', `${cseq} ${method}`);
    const uri = loose ? this.remoteTarget : (parseNameAddr(first)?.uri ?? this.remoteTarget);
    return { kind: 'request', method, uri, headers, body: noBody };
  }
}

export function dialogKey(callId: string, localTag: string, remoteTag: string): string {
  return `${callId} ${localTag} ${remoteTag}`;
}

/** Of a request that came: its To is us. Undefined without a To tag, which is outside of any dialog. */
export function keyOfRequest({ headers }: SipRequest): string | undefined {
  const localTag = tagOf(headers.get('To'));
  if (localTag === undefined) return undefined;
  return dialogKey(headers.get('Call-ID') ?? '', localTag, tagOf(headers.get('From')) ?? '');
}

/** Where the next one on the way is: the first Route that is left, or the Request-URI. */
export function nextHopOf(request: SipRequest): string {
  const route = request.headers.get('Route');
  return (route === undefined ? undefined : parseNameAddr(route)?.uri) ?? request.uri;
}

function contactOf(headers: SipHeaders): string | undefined {
  const contact = headers.get('Contact');
  return contact === undefined ? undefined : parseNameAddr(contact)?.uri;
}

function isLoose(route: string): boolean {
  const uri = parseUri(parseNameAddr(route)?.uri ?? '');
  return uri !== undefined && (uri.scheme === 'sip' || uri.scheme === 'sips') && uri.parameters.has('lr');
}
