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

  /** Targets, who did not answer lately last; or the status that says why there are none. */
  async find(to: string): Promise<readonly Target[] | 416 | 503> {
    const uri = parseUri(to);
    if (uri?.scheme !== 'sip' && uri?.scheme !== 'sips') return 416;
    const supports = (protocol: Target['protocol']) => this.#transports.supports(protocol);
    try {
      const targets = await locate(uri, { ...this.#location, supports });
      const usable = targets.filter(({ protocol }) => supports(protocol));
      if (targets.length > 0 && usable.length === 0) return 416;
      return usable.length === 0 ? 503 : this.dead.last(usable);
    } catch {
      // The name server did not answer.
      return 503;
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
    const [target] = typeof found === 'number' ? [] : found;
    if (target === undefined) throw new TransportError('UNREACHABLE', 'nowhere to send to');
    return this.hopTo(target, request);
  }
}
