import type { DeadTargets } from '../location/dead-targets.ts';
import { type LocateOptions, locate } from '../location/locate.ts';
import type { SipRequest } from '../messages/message.ts';
import { parseUri } from '../messages/parse-uri.ts';
import { lengthOf } from '../messages/serialize-message.ts';
import type { Hop } from '../transactions/hop.ts';
import type { Flow } from '../transports/flow.ts';
import { TransportError } from '../transports/transport-error.ts';
import type { Target, Transports } from '../transports/transports.ts';

/** A longer request goes by TCP where that can be: beyond it datagrams are cut in pieces, and get lost (RFC 3261 section 18.1.1). */
const longestDatagram = 1_300;
const noTransport = 'sip.listen has no socket for its transport';

/** Why nothing can be sent there. */
export interface NoWay {
  readonly status: 416 | 503;
  readonly because: string;
}

/** Which ways lead to a URI, and how a request takes one. */
export class Ways {
  readonly dead: DeadTargets;
  readonly #transports: Transports;
  /** ACKs that are looking for their way, by Call-ID. */
  readonly #acks = new Map<string, Promise<Hop>>();
  readonly #location: Pick<LocateOptions, 'dns' | 'ipv6'>;

  constructor(transports: Transports, location: Pick<LocateOptions, 'dns' | 'ipv6'>, dead: DeadTargets) {
    this.#transports = transports;
    this.#location = location;
    this.dead = dead;
  }

  /** Targets, who did not answer lately last. */
  async find(to: string): Promise<readonly Target[] | NoWay> {
    const uri = parseUri(to);
    if (uri?.scheme !== 'sip' && uri?.scheme !== 'sips') return { status: 416, because: 'it is no SIP URI' };
    const supports = (protocol: Target['protocol']) => this.#transports.supports(protocol);
    try {
      const targets = await locate(uri, { ...this.#location, supports });
      const usable = targets.filter(({ protocol }) => supports(protocol));
      if (usable.length > 0) return this.dead.last(usable);
      const isKnown = targets.length > 0;
      return isKnown ? { status: 416, because: noTransport } : { status: 503, because: `${uri.host} has no address` };
    } catch {
      return { status: 503, because: `no name server tells the address of ${uri.host}` };
    }
  }

  /** @throws {TransportError} when there is none. */
  async hopTo(target: Target, request: SipRequest): Promise<Hop> {
    // A BYE that came first would be of a call that is not there yet.
    if (request.method !== 'ACK') await this.#acks.get(request.headers.get('Call-ID') ?? '')?.catch(() => {});
    // The Via is not in it yet.
    const long = target.protocol === 'UDP' && lengthOf(request) > longestDatagram - 200;
    const stream: Target = { ...target, protocol: 'TCP' };
    if (long && this.#transports.supports('TCP') && !this.dead.has(stream)) {
      try {
        return await this.#transports.flowTo(stream);
      } catch {
        // Whoever does not listen by TCP gets it in pieces (section 18.1.1), the next ones without waiting for a connection.
        this.dead.mark(stream);
      }
    }
    return this.#transports.flowTo(target);
  }

  /** For what is sent once: an ACK. Whoever waits for it goes before all that the call says later. @throws {TransportError} */
  hopFor(request: SipRequest, to: Flow | string): Promise<Hop> {
    const callId = request.headers.get('Call-ID') ?? '';
    const hop = this.#hopFor(request, to);
    const forget = () => {
      if (this.#acks.get(callId) === hop) this.#acks.delete(callId);
    };
    this.#acks.set(callId, hop);
    hop.then(forget, forget);
    return hop;
  }

  async #hopFor(request: SipRequest, to: Flow | string): Promise<Hop> {
    if (typeof to !== 'string') return to;
    const found = await this.find(to);
    const [target] = 'because' in found ? [] : found;
    if (target === undefined) throw new TransportError('UNREACHABLE', 'nowhere to send to');
    return this.hopTo(target, request);
  }
}
